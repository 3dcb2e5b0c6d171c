/** The rules of graphql-transport-ws that a well-behaved client never tests. */
import { startConfigured, startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { connect, openSocket } from './socket.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const TYPENAME = { query: '{ __typename }' };
const LARGEST = 256 * 1024;
const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });
const create = async () =>
  (await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }')).data.createGeneration;

describe('a socket closes with', () => {
  test.each<[code: number, claim: string, messages: (string | object)[]]>([
    [4400, 'what is no JSON', ['{']],
    [4400, 'a message without a type', [{}]],
    [4400, 'a message of a type that there is not', [{ type: 'start' }]],
    [4400, 'a list', [[]]],
    [4400, 'an operation without an id', [{ type: 'subscribe', payload: TYPENAME }]],
    [4400, 'an operation with an empty id', [{ type: 'subscribe', id: '', payload: TYPENAME }]],
    [4400, 'an operation whose id is a number', [{ type: 'subscribe', id: 1, payload: TYPENAME }]],
    [4400, 'an operation without a document', [{ type: 'subscribe', id: '1', payload: {} }]],
    [4400, 'variables that are a string', [{ type: 'subscribe', id: '1', payload: { ...TYPENAME, variables: 'x' } }]],
    [4400, 'a complete without an id', [{ type: 'complete' }]],
    [4400, 'a payload of a ping that is a string', [{ type: 'ping', payload: 'x' }]],
    [4400, 'next, which only servers say', [{ type: 'next', id: '1', payload: { data: {} } }]],
    [4400, 'error, which only servers say', [{ type: 'error', id: '1', payload: [{ message: 'x' }] }]],
    [4400, 'an acknowledgement, which only servers give', [{ type: 'connection_ack' }]],
    [4429, 'a second introduction', [{ type: 'connection_init' }]],
    [1009, 'a message larger than allowed', [{ type: 'ping', payload: { x: 'x'.repeat(LARGEST) } }]],
  ])('%i after %s', async (code, _claim, messages) => {
    const socket = await connect(app.url, alice.token);
    socket.send(...messages);
    expect((await socket.closed).code).toBe(code);
    expect(socket.unread).toEqual([]);
  });

  test('4401 after an operation before the introduction', async () => {
    const socket = await openSocket(app.url);
    socket.send({ id: '1', type: 'subscribe', payload: TYPENAME });
    expect((await socket.closed).code).toBe(4401);
  });

  test('4408 when nobody is introduced', async () => {
    expect((await (await openSocket(app.url)).closed).code).toBe(4408);
  });

  test('4409 after a second operation under an id that is in use', async () => {
    const socket = await connect(app.url, alice.token);
    const live = subscribe('1', 'subscription { generationsUpdated { id } }');
    socket.send(live, live);
    expect((await socket.closed).code).toBe(4409);
  });

  test('1009 after a large message of somebody who has not been introduced', async () => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'ping', payload: { x: 'x'.repeat(LARGEST) } });
    expect((await socket.closed).code).toBe(1009);
  });

  test('1001 when the server goes, also with an operation on it', async () => {
    const { PORT: _, ...env } = app.env;
    const other = await startConfigured({ ...env, PORT: '0' });
    const socket = await connect(other.url, alice.token);
    socket.send(subscribe('1', 'subscription { generationsUpdated { id } }'));
    const [{ code }] = await Promise.all([socket.closed, other.close()]);
    expect(code).toBe(1001);
  });
});

test('another sub-protocol is not spoken', async () => {
  await expect(openSocket(app.url, { protocol: 'graphql-ws' })).rejects.toThrow('Server sent no subprotocol');
});

test('a ping is answered with its payload, before and after the introduction; a pong is not answered', async () => {
  const socket = await openSocket(app.url);
  const ping = { type: 'ping', payload: { at: 1 } };
  socket.send(
    { type: 'pong' },
    ping,
    { type: 'connection_init' },
    { type: 'pong', payload: { at: 2 } },
    { type: 'ping' },
  );
  expect(await socket.next()).toEqual({ type: 'pong', payload: { at: 1 } });
  // In either order: who somebody is takes a look into the database.
  const types = [(await socket.next()).type, (await socket.next()).type];
  expect(types.sort()).toEqual(['connection_ack', 'pong']);
  await socket.close();
});

test('completing what does not run is ignored', async () => {
  const socket = await connect(app.url, alice.token);
  socket.send({ type: 'complete', id: 'nothing' }, subscribe('1', '{ __typename }'));
  expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: { data: { __typename: 'Query' } } });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  await socket.close();
});

test('an id can be used again once its operation is over, whatever it is called', async () => {
  const socket = await connect(app.url, alice.token);
  for (const id of ['1', '1', '__proto__', 'toString', '__proto__']) {
    socket.send(subscribe(id, '{ __typename }'));
    expect(await socket.next()).toMatchObject({ id, type: 'next' });
    expect(await socket.next()).toEqual({ id, type: 'complete' });
  }
  await socket.close();
});

test('an id used again at once answers for its new operation alone', async () => {
  const { id } = await create();
  const socket = await connect(app.url, alice.token);
  const watching = subscribe('1', `subscription { generationUpdated(id: "${id}") { status } }`);
  const asking = subscribe('1', '{ workflows { name } }');
  const complete = { type: 'complete', id: '1' };
  for (let round = 0; round < 20; round += 1) {
    socket.send(watching, complete, asking, complete, subscribe('1', '{ viewer { __typename } }'));
    let message = await socket.next();
    // What was on its way when the client completed it may still come, before anything of the next one.
    while (JSON.stringify(message.payload) !== '{"data":{"viewer":{"__typename":"User"}}}') {
      expect(message.type).toBe('next');
      message = await socket.next();
    }
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  }
  expect(socket.unread).toEqual([]);
  await socket.close();
});

test('what is completed is silent from then on', async () => {
  const socket = await connect(app.url, alice.token);
  socket.send(subscribe('live', 'subscription { generationsUpdated { kind } }'), { type: 'complete', id: 'live' });
  socket.send(subscribe('other', 'subscription { generationsUpdated { kind } }'), { type: 'ping' });
  await socket.next();
  await create();
  expect(await socket.next()).toMatchObject({ id: 'other', type: 'next' });
  await socket.close();
});

test('messages are not compressed', async () => {
  const socket = await connect(app.url);
  expect(socket.socket.extensions).toBe('');
  await socket.close();
});
