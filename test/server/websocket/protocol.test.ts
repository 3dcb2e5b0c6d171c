/** The rules of graphql-transport-ws for what is no operation: sub-protocols, introductions, pings, and who somebody is. */
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

describe('a socket closes with 4406 where the sub-protocol is', () => {
  const NOT_ACCEPTABLE = { code: 4406, reason: 'Subprotocol not acceptable' };

  test('missing', async () => {
    expect(await (await openSocket(app.url, { protocol: [] })).closed).toEqual(NOT_ACCEPTABLE);
  });

  test('another', async () => {
    expect(await closedAfterAsking('soap')).toEqual(NOT_ACCEPTABLE);
  });

  test('none of ours; among several ours is chosen', async () => {
    expect(await closedAfterAsking('soap, wamp')).toEqual(NOT_ACCEPTABLE);
    const socket = await openSocket(app.url, { protocol: ['graphql-ws', 'graphql-transport-ws'] });
    expect(socket.socket.protocol).toBe('graphql-transport-ws');
    await socket.close();
  });
});

test.each([
  ['no payload', {}],
  ['null', { payload: null }],
  ['what nobody knows', { payload: { session: 'x', __proto__: 1 } }],
  ['no credential', { payload: { authorization: null } }],
  ['an empty credential', { payload: { authorization: '' } }],
])('an introduction with %s is acknowledged, and is nobody’s', async (_claim, more) => {
  const socket = await openSocket(app.url);
  socket.send({ type: 'connection_init', ...more });
  expect(await socket.next()).toEqual(ACKNOWLEDGED);
  expect(await viewerAt(socket)).toBeUndefined();
  await socket.close();
});

test('a credential of the introduction counts before any other', async () => {
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

test('a ping is answered with its payload, before and after the introduction; a pong is not answered', async () => {
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
  // In either order: who somebody is takes a look into the database.
  const types = [(await socket.next()).type, (await socket.next()).type];
  expect(types.sort()).toEqual(['connection_ack', 'pong']);
  socket.send({ type: 'ping', payload: null }, { type: 'ping', payload: {} });
  expect(await socket.next()).toEqual({ type: 'pong' });
  expect(await socket.next()).toEqual({ type: 'pong', payload: {} });
  expect(socket.unread).toEqual([]);
  await socket.close();
});

test('a message may come in a binary frame, and have more in it than is asked for', async () => {
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

/** By hand: a client of WebSocket closes by itself what does not answer with one of its sub-protocols. */
const closedAfterAsking = (protocols: string) =>
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
      if (headers['sec-websocket-protocol']) reject(new Error('It has chosen one'));
      const read = (frame: Buffer) => {
        // The opcode of closing, the length, the code, the reason.
        if (frame[0] !== 0x88) return reject(new Error(`This closes nothing: ${frame.toString('hex')}`));
        resolve({ code: frame.readUInt16BE(2), reason: frame.subarray(4, 2 + (frame[1] ?? 0)).toString() });
        socket.destroy();
      };
      if (head.length > 0) read(head);
      else socket.once('data', read);
    });
    upgrade.on('error', reject).end();
  });
