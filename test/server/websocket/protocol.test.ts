/** The rules of graphql-transport-ws outside of operations: sub-protocols, connection_init, pings, and authentication. */
import { request } from 'node:http';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { connect, openSocket, type RawSocket } from '../../support/socket.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp();
  [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
});
afterAll(() => app?.close());

const ACKNOWLEDGED = { type: 'connection_ack' };
const viewerAt = async (socket: RawSocket, more: Record<string, unknown> = {}) => {
  socket.send({ id: 'viewer', type: 'subscribe', payload: { query: '{ viewer { id } }', ...more } });
  const { payload } = await socket.next();
  expect(await socket.next()).toEqual({ id: 'viewer', type: 'complete' });
  return payload.data.viewer?.id;
};

describe('a socket closes with 4406 if the sub-protocol is', () => {
  const NOT_ACCEPTABLE = { code: 4406, reason: 'Subprotocol not acceptable' };

  test('missing', async () => {
    expect(await (await openSocket(app.url, { protocol: [] })).closed).toEqual(NOT_ACCEPTABLE);
  });

  test('unknown', async () => {
    expect(await closedAfterOffering('soap')).toEqual(NOT_ACCEPTABLE);
  });

  test('not among several; the supported one of several is chosen', async () => {
    expect(await closedAfterOffering('soap, wamp')).toEqual(NOT_ACCEPTABLE);
    const socket = await openSocket(app.url, { protocol: ['graphql-ws', 'graphql-transport-ws'] });
    expect(socket.socket.protocol).toBe('graphql-transport-ws');
    await socket.close();
  });
});

test.each([
  ['no payload', {}],
  ['null', { payload: null }],
  ['unknown fields', { payload: { session: 'x', __proto__: 1 } }],
  ['no credential', { payload: { authorization: null } }],
  ['an empty credential', { payload: { authorization: '' } }],
])('connection_init with %s is acknowledged, and anonymous', async (_claim, more) => {
  const socket = await openSocket(app.url);
  socket.send({ type: 'connection_init', ...more });
  expect(await socket.next()).toEqual(ACKNOWLEDGED);
  expect(await viewerAt(socket)).toBeUndefined();
  await socket.close();
});

test('the credential in connection_init counts before any other', async () => {
  const authorization = `Bearer ${alice.token}`;
  const elsewhere = {
    search: `?token=${alice.token}&authorization=${encodeURIComponent(authorization)}`,
    headers: { authorization, cookie: `session=${alice.token}; authorization=${alice.token}` },
  };
  const extensions = { authorization, headers: { authorization } };
  const his = await connect(app.url, bob.token, elsewhere);
  expect(await viewerAt(his, { extensions, variables: { authorization } })).toBe(bob.id);
  await his.close();
});

test('a ping gets a pong with its payload, before and after connection_init; a pong gets no reply', async () => {
  const socket = await openSocket(app.url);
  const ping = { type: 'ping', payload: { at: 1 } };
  socket.send(
    { type: 'pong' },
    ping,
    { type: 'connection_init' },
    { type: 'pong', payload: { at: 2 } },
    { type: 'pong', payload: null },
    { type: 'ping' },
  );
  expect(await socket.next()).toEqual({ type: 'pong', payload: { at: 1 } });
  // In either order: authentication reads from the database.
  const types = [(await socket.next()).type, (await socket.next()).type];
  expect(types.sort()).toEqual(['connection_ack', 'pong']);
  socket.send({ type: 'ping', payload: null }, { type: 'ping', payload: {} });
  expect(await socket.next()).toEqual({ type: 'pong' });
  expect(await socket.next()).toEqual({ type: 'pong', payload: {} });
  expect(socket.unread).toEqual([]);
  await socket.close();
});

test('a message may come in a binary frame, and have unknown fields', async () => {
  const socket = await connect(app.url);
  socket.socket.send(Buffer.from('{"type":"ping","payload":{"x":"é"},"more":[1]}'));
  expect(await socket.next()).toEqual({ type: 'pong', payload: { x: 'é' } });
  await socket.close();
});

test('messages are not compressed', async () => {
  const socket = await connect(app.url);
  expect(socket.socket.extensions).toBe('');
  await socket.close();
});

/** By hand: `ws` closes a socket by itself if the server does not choose one of its sub-protocols. */
const closedAfterOffering = (protocols: string) =>
  new Promise((resolve, reject) => {
    const upgrade = request(`${app.url}/graphql`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
        'sec-websocket-protocol': protocols,
      },
    });
    upgrade.on('upgrade', ({ headers }, socket, head) => {
      if (headers['sec-websocket-protocol']) reject(new Error('The server has chosen a sub-protocol'));
      const read = (frame: Buffer) => {
        // Close opcode, length, code, reason.
        if (frame[0] !== 0x88) return reject(new Error(`Not a close frame: ${frame.toString('hex')}`));
        resolve({ code: frame.readUInt16BE(2), reason: frame.subarray(4, 2 + (frame[1] ?? 0)).toString() });
        socket.destroy();
      };
      if (head.length > 0) read(head);
      else socket.once('data', read);
    });
    upgrade.on('error', reject).end();
  });
