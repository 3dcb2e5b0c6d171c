/** The limits of one socket, and of the number of sockets. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../../support/app.js';
import { signUp } from '../../support/client.js';
import { openStream } from '../../support/event-stream.js';
import { connect, openSocket, type RawSocket } from '../../support/socket.js';
import { lockTable } from '../../support/table-lock.js';
import { until } from '../../support/until.js';

const TOO_MANY_CONNECTIONS = { code: 4429, reason: 'Too many connections' };
const WATCH = { query: 'subscription { generationsUpdated { kind } }' };

let app: TestApp;
const opened: RawSocket[] = [];
beforeAll(async () => {
  app = await startTestApp({ env: { MAX_SOCKETS_PER_USER: '3', MAX_SOCKETS_PER_ADDRESS: '6' } });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.socket.terminate();
  // The next test needs free slots.
  await until(async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, () => openSocket(app.url)));
    const states = await Promise.all(
      sockets.map(async (socket) => {
        socket.send({ type: 'ping' });
        return await socket.next().then(
          () => true,
          () => false,
        );
      }),
    );
    await Promise.all(sockets.map((socket) => socket.close()));
    return states.every(Boolean);
  }, 'all slots to be free');
});
afterAll(() => app?.close());

const open = async (token?: string) => {
  const socket = await connect(app.url, token);
  opened.push(socket);
  return socket;
};

test('a user has a limited number of sockets; a closed socket frees its slot, and other users have their own', async () => {
  const [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  const [first] = [await open(alice.token), await open(alice.token), await open(alice.token)];
  const fourth = await openSocket(app.url);
  fourth.send({ type: 'connection_init', payload: { authorization: `Bearer ${alice.token}` } });
  expect(await fourth.closed).toEqual(TOO_MANY_CONNECTIONS);
  await open(bob.token);
  await first.close();
  await until(
    () =>
      open(alice.token).then(
        () => true,
        () => false,
      ),
    'a free slot',
  );
});

test('the limit holds for sockets that open at once, and a socket that closes during authentication takes no slot', async () => {
  const { token } = await signUp(app.url);
  const openAuthenticated = async () => {
    const socket = await openSocket(app.url);
    opened.push(socket);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    return socket;
  };
  for (const socket of await Promise.all([openAuthenticated(), openAuthenticated(), openAuthenticated()]))
    socket.socket.terminate();
  await until(async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, openAuthenticated));
    const answers = await Promise.allSettled(sockets.map((socket) => socket.next()));
    const stay = answers.filter(({ status }) => status === 'fulfilled').length;
    await Promise.all(sockets.map((socket) => socket.close()));
    expect(stay).toBeLessThanOrEqual(3);
    return stay === 3;
  }, 'three to stay');
});

test('an address has a limited number of sockets, of any users', async () => {
  for (const _ of Array(6)) await open();
  const seventh = await openSocket(app.url);
  expect(await seventh.closed).toEqual(TOO_MANY_CONNECTIONS);
});

test('an invalid frame of a rejected socket does not affect other sockets', async () => {
  for (const _ of Array(6)) await open();
  const { hostname, port } = new URL(app.url);
  const seventh = createConnection(Number(port), hostname).resume();
  // At once: the server reads from a rejected socket until both sides have closed.
  seventh.write(
    'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  seventh.write(Buffer.alloc(16, 0xff));
  await once(seventh, 'close');
  const [first] = opened;
  first?.send({ type: 'ping' });
  expect(await first?.next()).toEqual({ type: 'pong' });
});

test('a stream takes a slot as a socket does, and frees it', async () => {
  const { token } = await signUp(app.url);
  await open(token);
  await open(token);
  const leaving = new AbortController();
  const third = await openStream(app.url, WATCH, { token, signal: leaving.signal });
  const fourth = await openStream(app.url, WATCH, { token });
  // Node.js closes a stream when nothing refers to its response any more.
  expect([third.status, fourth.status]).toEqual([200, 429]);
  expect(await fourth.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  leaving.abort();
  await until(
    () =>
      open(token).then(
        () => true,
        () => false,
      ),
    'a free slot',
  );
});

test('a stream that is aborted during authentication takes no slot', async () => {
  const { token } = await signUp(app.url);
  const lock = await lockTable(app.database.url, 'sessions');
  const { hostname, port } = new URL(app.url);
  const body = JSON.stringify(WATCH);
  const lines = [
    'POST /graphql/stream HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  const request = [...lines, `Authorization: Bearer ${token}`, '', body].join('\r\n');
  const streams = Array.from({ length: 6 }, () => createConnection(Number(port), hostname).resume());
  for (const stream of streams) stream.write(request);
  await lock.isWaitedFor(streams.length);
  await Promise.all(streams.map((stream) => once(stream.end(), 'close')));
  // The server has read the close before it responds to this.
  await fetch(`${app.url}/healthz`);
  await lock.open();
  await until(async () => {
    const again = new AbortController();
    const { signal } = again;
    const found = await Promise.all([1, 2, 3].map(() => openStream(app.url, WATCH, { token, signal })));
    again.abort();
    return found.every(({ ok }) => ok);
  }, 'three free slots');
});

test('a socket runs a hundred operations; one more is rejected, and the others continue', async () => {
  const { token, ask } = await signUp(app.url);
  const socket = await open(token);
  for (let n = 1; n <= 101; n += 1) socket.send({ id: `${n}`, type: 'subscribe', payload: WATCH });
  expect(await socket.next()).toEqual({
    id: '101',
    type: 'error',
    payload: [
      {
        message: '100 operations run on this socket: end one first',
        extensions: { code: 'RATE_LIMITED', limit: 100, retryAfter: 1 },
      },
    ],
  });
  socket.send({ id: '1', type: 'complete' });
  await until(async () => {
    socket.send({ id: 'query', type: 'subscribe', payload: { query: '{ __typename }' } });
    return (await socket.next()).type === 'next' && (await socket.next()).type === 'complete';
  }, 'a free slot');
  await ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  const kinds = new Set<string>();
  while (kinds.size < 99) kinds.add((await socket.next()).id);
  expect(kinds).not.toContain('101');
});

test('a burst of two hundred messages is accepted, and a flood closes the socket', async () => {
  const socket = await open();
  for (let n = 1; n <= 199; n += 1) socket.send({ type: 'ping', payload: { n } });
  for (let n = 1; n <= 199; n += 1) expect(await socket.next()).toEqual({ type: 'pong', payload: { n } });
  for (let n = 1; n <= 5_000; n += 1) socket.send({ type: 'ping' });
  expect(await socket.closed).toEqual({ code: 4429, reason: 'Too many messages' });
});

test('WebSocket pings count as messages', async () => {
  const socket = await open();
  for (let n = 1; n <= 5_000 && socket.socket.readyState === WebSocket.OPEN; n += 1) socket.socket.ping();
  // The close frame may be lost among so many pings.
  expect([4429, 1006]).toContain((await socket.closed).code);
});

test('a message has a limited number of frames', async () => {
  const inFrames = async (count: number) => {
    const socket = await openSocket(app.url);
    opened.push(socket);
    const text = `{"type":"ping"${' '.repeat(count)}`;
    for (let at = 0; at < count - 1; at += 1) socket.socket.send(at === 0 ? text : ' ', { fin: false, binary: false });
    socket.socket.send('}', { fin: true, binary: false });
    return socket;
  };
  expect(await (await inFrames(128)).next()).toEqual({ type: 'pong' });
  expect((await (await inFrames(129)).closed).code).toBe(1008);
  // Empty frames count, too.
  const empty = await openSocket(app.url);
  opened.push(empty);
  for (let frame = 0; frame < 129; frame += 1) empty.socket.send('', { fin: false, binary: false });
  expect((await empty.closed).code).toBe(1008);
});
