/** Close codes and reasons of sockets: clients decide by the code whether they reconnect. */
import type { Socket } from 'node:net';
import { startConfigured, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { connect, openSocket, subscribe } from '../../support/socket.js';
import { lockTable } from '../../support/table-lock.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const TYPENAME = { query: '{ __typename }' };
const LARGEST = 256 * 1024;
const LIVE = 'subscription { generationsUpdated { generationId } }';
const INVALID = { code: 4400, reason: 'Invalid message received' };
const operation = (payload: unknown) => ({ id: '1', type: 'subscribe', payload });
const init = (payload?: unknown) => ({ type: 'connection_init', payload });
const connectionInit = () => init({ authorization: `Bearer ${alice.token}` });

describe('4400, and no more messages, after', () => {
  test.each<[claim: string, message: unknown]>([
    ['a message that is not JSON', '{'],
    ['an empty message', ''],
    ['a list', []],
    ['null', 'null'],
    ['a string', '"ping"'],
    ['a number', '1'],
    ['a message without a type', {}],
    ['a type that is a number', { type: 1 }],
    ['an unknown type', { type: 'start' }],
    ['an upper-case type', { type: 'PING' }],
    ['an operation without an id', { type: 'subscribe', payload: TYPENAME }],
    ['an operation with an empty id', { ...operation(TYPENAME), id: '' }],
    ['an operation with an id that is a number', { ...operation(TYPENAME), id: 1 }],
    ['an operation with a null id', { ...operation(TYPENAME), id: null }],
    ['an operation without a payload', { id: '1', type: 'subscribe' }],
    ['an operation with a payload that is a list', operation([TYPENAME])],
    ['an operation without a document', operation({})],
    ['a document that is not a string', operation({ query: 1 })],
    ['an operation name that is a number', operation({ ...TYPENAME, operationName: 1 })],
    ['variables that are a string', operation({ ...TYPENAME, variables: 'x' })],
    ['variables that are a list', operation({ ...TYPENAME, variables: [] })],
    ['extensions that are a string', operation({ ...TYPENAME, extensions: 'x' })],
    ['a complete without an id', { type: 'complete' }],
    ['a complete with an id that is a number', { type: 'complete', id: 1 }],
    ['a payload of a ping that is a string', { type: 'ping', payload: 'x' }],
    ['a payload of a pong that is a list', { type: 'pong', payload: [] }],
    ['a payload of connection_init that is a string', init('x')],
    ['next, which only servers send', { type: 'next', id: '1', payload: { data: {} } }],
    ['error, which only servers send', { type: 'error', id: '1', payload: [{ message: 'x' }] }],
    ['connection_ack, which only servers send', { type: 'connection_ack' }],
  ])('%s', async (_claim, message) => {
    const socket = await connect(app.url, alice.token);
    // The server ignores the message that follows.
    socket.send(message as object, { type: 'ping' });
    expect(await socket.closed).toEqual(INVALID);
    expect(socket.unread).toEqual([]);
  });

  test('a binary frame that is not a message', async () => {
    const socket = await connect(app.url, alice.token);
    socket.socket.send(Buffer.from([0x7b, 0xff, 0x00, 0x7d]));
    expect(await socket.closed).toEqual(INVALID);
  });
});

describe('4401 after an operation', () => {
  const UNAUTHORIZED = { code: 4401, reason: 'Unauthorized' };

  test('before connection_init', async () => {
    const socket = await openSocket(app.url);
    socket.send(operation(TYPENAME));
    expect(await socket.closed).toEqual(UNAUTHORIZED);
  });

  test('while the server still authenticates connection_init', async () => {
    const lock = await lockTable(app.database.url, 'sessions');
    const socket = await openSocket(app.url);
    socket.send(connectionInit(), operation(TYPENAME));
    expect(await socket.closed).toEqual(UNAUTHORIZED);
    await lock.open();
    expect(socket.unread).toEqual([]);
  });
});

test('4408 without connection_init, with pings or without', async () => {
  const hasty = await startTestApp({ timings: { connectionInitTimeoutMs: 200 } });
  try {
    const [silent, pinging] = await Promise.all([openSocket(hasty.url), openSocket(hasty.url)]);
    pinging.send({ type: 'ping' });
    for (const socket of [silent, pinging])
      expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  } finally {
    await hasty.close();
  }
});

describe('4409 after a second operation under an id that is in use', () => {
  const exists = (id: string) => ({ code: 4409, reason: `Subscriber for ${id} already exists` });

  test.each([
    ['a subscription, by a subscription', LIVE, LIVE],
    ['a subscription, by a query', LIVE, '{ __typename }'],
    ['a subscription, by an invalid document', LIVE, '{'],
  ])('by %s', async (_claim, first, second) => {
    const socket = await connect(app.url, alice.token);
    socket.send(subscribe('1', first), subscribe('1', second));
    expect(await socket.closed).toEqual(exists('1'));
    expect(socket.unread).toEqual([]);
  });

  test('of a running query, by a subscription', async () => {
    const lock = await lockTable(app.database.url, 'generations');
    const socket = await connect(app.url, alice.token);
    socket.send(subscribe('1', '{ generations { totalCount } }'), subscribe('1', LIVE));
    expect(await socket.closed).toEqual(exists('1'));
    await lock.open();
  });

  test.each([
    ['ASCII', 'x'.repeat(1_000), 'x'.repeat(93)],
    ['three-byte characters', '名'.repeat(1_000), '名'.repeat(31)],
    ['surrogate pairs', '🖼'.repeat(1_000), '🖼'.repeat(23)],
    ['lone surrogates', '\ud83d'.repeat(1_000), '\ufffd'.repeat(31)],
  ])('with the start of a long id of %s', async (_claim, id, shown) => {
    const socket = await connect(app.url);
    socket.send(subscribe(id, '{ __typename }'), subscribe(id, '{ __typename }'));
    expect(await socket.closed).toEqual(exists(shown));
  });
});

describe('4429 after a second connection_init', () => {
  const TOO_MANY = { code: 4429, reason: 'Too many initialisation requests' };

  test('at once, or later', async () => {
    const [at, later] = [await openSocket(app.url), await connect(app.url)];
    at.send(init(), init());
    later.send(init());
    for (const socket of [at, later]) expect(await socket.closed).toEqual(TOO_MANY);
  });

  test('while the server still authenticates the first', async () => {
    const lock = await lockTable(app.database.url, 'sessions');
    const socket = await openSocket(app.url);
    socket.send(connectionInit(), connectionInit());
    expect(await socket.closed).toEqual(TOO_MANY);
    await lock.open();
    expect(socket.unread).toEqual([]);
  });
});

test('1009 after a message above the size limit, before and after connection_init', async () => {
  for (const socket of [await openSocket(app.url), await connect(app.url, alice.token)]) {
    socket.send({ type: 'ping', payload: { x: 'x'.repeat(LARGEST) } });
    expect((await socket.closed).code).toBe(1009);
    expect(socket.unread).toEqual([]);
  }
});

test('1002 after an invalid frame', async () => {
  const socket = await connect(app.url);
  (socket.socket as unknown as { _socket: Socket })._socket.write(Buffer.alloc(16, 0xff));
  expect((await socket.closed).code).toBe(1002);
});

test('1007 after a text frame with invalid UTF-8', async () => {
  const socket = await connect(app.url);
  socket.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
  expect((await socket.closed).code).toBe(1007);
});

test('1000 after a close of the client, even with a running operation', async () => {
  const socket = await connect(app.url, alice.token);
  socket.send(subscribe('1', LIVE));
  socket.socket.close(1000, 'Normal Closure');
  expect((await socket.closed).code).toBe(1000);
});

test('1001 at shutdown, even with a running operation; a client that does not read does not delay it', async () => {
  const { PORT: _, ...env } = app.env;
  const other = await startConfigured({ ...env, PORT: '0' });
  const [socket, paused] = [await connect(other.url, alice.token), await connect(other.url, alice.token)];
  for (const each of [socket, paused]) each.send(subscribe('1', LIVE), { type: 'ping' });
  for (const each of [socket, paused]) await each.next();
  paused.socket.pause();
  const [closing] = await Promise.all([socket.closed, other.close()]);
  expect(closing).toEqual({ code: 1001, reason: 'Going away' });
  paused.socket.terminate();
  // `ws` alone would wait half a minute.
});
