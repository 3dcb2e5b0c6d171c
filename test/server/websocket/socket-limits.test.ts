/** What one socket may ask for, and how many of them there may be. */
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
  // So that the next test finds room.
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
  }, 'every place to be free');
});
afterAll(() => app?.close());

const enter = async (token?: string) => {
  const socket = await connect(app.url, token);
  opened.push(socket);
  return socket;
};

test('a user opens so many sockets; one that closes makes room, and others have their own', async () => {
  const [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  const [first] = [await enter(alice.token), await enter(alice.token), await enter(alice.token)];
  const fourth = await openSocket(app.url);
  fourth.send({ type: 'connection_init', payload: { authorization: `Bearer ${alice.token}` } });
  expect(await fourth.closed).toEqual(TOO_MANY_CONNECTIONS);
  await enter(bob.token);
  await first.close();
  await until(
    () =>
      enter(alice.token).then(
        () => true,
        () => false,
      ),
    'room for another one',
  );
});

test('of many that are opened at once no more stay, and who goes before it is known takes no place', async () => {
  const { token } = await signUp(app.url);
  const introduce = async () => {
    const socket = await openSocket(app.url);
    opened.push(socket);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    return socket;
  };
  for (const socket of await Promise.all([introduce(), introduce(), introduce()])) socket.socket.terminate();
  await until(async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, introduce));
    const answers = await Promise.allSettled(sockets.map((socket) => socket.next()));
    const stay = answers.filter(({ status }) => status === 'fulfilled').length;
    await Promise.all(sockets.map((socket) => socket.close()));
    expect(stay).toBeLessThanOrEqual(3);
    return stay === 3;
  }, 'three to stay');
});

test('an address opens so many sockets, whoever they are', async () => {
  for (const _ of Array(6)) await enter();
  const seventh = await openSocket(app.url);
  expect(await seventh.closed).toEqual(TOO_MANY_CONNECTIONS);
});

test('whoever is refused harms nobody by what is no frame', async () => {
  for (const _ of Array(6)) await enter();
  const { hostname, port } = new URL(app.url);
  const seventh = createConnection(Number(port), hostname).resume();
  // All at once: what is refused is read until both sides have closed.
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

test('a stream takes a place as a socket does, and gives it back', async () => {
  const { token } = await signUp(app.url);
  await enter(token);
  await enter(token);
  const leaving = new AbortController();
  expect((await openStream(app.url, WATCH, { token, signal: leaving.signal })).status).toBe(200);
  const fourth = await openStream(app.url, WATCH, { token });
  expect(fourth.status).toBe(429);
  expect(await fourth.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  leaving.abort();
  await until(
    () =>
      enter(token).then(
        () => true,
        () => false,
      ),
    'room for a socket',
  );
});

test('a stream that is given up before it is known whose it is takes no place', async () => {
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
  // The server has heard it, too, before it answers this.
  await fetch(`${app.url}/healthz`);
  await lock.open();
  await until(async () => {
    const again = new AbortController();
    const { signal } = again;
    const found = await Promise.all([1, 2, 3].map(() => openStream(app.url, WATCH, { token, signal })));
    again.abort();
    return found.every(({ ok }) => ok);
  }, 'room for three');
});

test('a socket runs a hundred operations; one more is refused, and costs nobody anything', async () => {
  const { token, ask } = await signUp(app.url);
  const socket = await enter(token);
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
  }, 'room for another one');
  await ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  const kinds = new Set<string>();
  while (kinds.size < 99) kinds.add((await socket.next()).id);
  expect(kinds).not.toContain('101');
});

test('whoever sends two hundred messages at once is heard, whoever goes on like that is closed', async () => {
  const socket = await enter();
  for (let n = 1; n <= 199; n += 1) socket.send({ type: 'ping', payload: { n } });
  for (let n = 1; n <= 199; n += 1) expect(await socket.next()).toEqual({ type: 'pong', payload: { n } });
  for (let n = 1; n <= 5_000; n += 1) socket.send({ type: 'ping' });
  expect(await socket.closed).toEqual({ code: 4429, reason: 'Too many messages' });
});

test('pings of the protocol below count as well', async () => {
  const socket = await enter();
  for (let n = 1; n <= 5_000 && socket.socket.readyState === WebSocket.OPEN; n += 1) socket.socket.ping();
  // With so many on their way the goodbye may not be heard; that it ends is what counts.
  expect([4429, 1006]).toContain((await socket.closed).code);
});

test('a message comes in a few parts at most', async () => {
  const inParts = async (count: number) => {
    const socket = await openSocket(app.url);
    opened.push(socket);
    const text = `{"type":"ping"${' '.repeat(count)}`;
    for (let at = 0; at < count - 1; at += 1) socket.socket.send(at === 0 ? text : ' ', { fin: false, binary: false });
    socket.socket.send('}', { fin: true, binary: false });
    return socket;
  };
  expect(await (await inParts(128)).next()).toEqual({ type: 'pong' });
  expect((await (await inParts(129)).closed).code).toBe(1008);
  // Of nothing, too: a part costs something by itself.
  const empty = await openSocket(app.url);
  opened.push(empty);
  for (let part = 0; part < 129; part += 1) empty.socket.send('', { fin: false, binary: false });
  expect((await empty.closed).code).toBe(1008);
});
