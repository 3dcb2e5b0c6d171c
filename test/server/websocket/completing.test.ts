/** The rules of graphql-transport-ws for operations that a client completes, and for reused ids. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { complete, connect, expectSilence, next, type RawSocket, subscribe } from '../../support/socket.js';
import { lockTable } from '../../support/table-lock.js';

let app: TestApp;
let alice: Client;
let socket: RawSocket;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(async () => {
  app.simulator.hold();
  // A new user, so that no events of other tests arrive.
  alice = await signUp(app.url);
  socket = await connect(app.url, alice.token);
});
afterEach(() => socket.close());
afterAll(() => app?.close());

const LIVE = 'subscription { generationsUpdated { kind } }';
const TYPENAME = '{ __typename }';
const CREATE = 'mutation { createGeneration(input: { prompt: "x", steps: 2 }) { id status } }';
const create = async (): Promise<string> => (await alice.ask(CREATE)).data.createGeneration.id;

describe('an operation that its client completes', () => {
  test('gets no more events, and no complete', async () => {
    socket.send(subscribe('live', LIVE), complete('live'), subscribe('other', LIVE));
    await expectSilence(socket);
    await create();
    expect(await socket.next()).toMatchObject({ id: 'other', type: 'next' });
    socket.send({ type: 'ping' });
    for (let message = await socket.next(); message.type !== 'pong'; message = await socket.next())
      expect(message).toMatchObject({ id: 'other', type: 'next' });
  });

  test('before its result is ready gets no result', async () => {
    const lock = await lockTable(app.database.url, 'generations');
    socket.send(subscribe('1', '{ generations { totalCount } }'));
    await lock.isWaitedFor();
    socket.send(complete('1'), subscribe('1', '{ viewer { __typename } }'));
    await lock.open();
    expect(await socket.next()).toEqual(next('1', { viewer: { __typename: 'User' } }));
    expect(await socket.next()).toEqual(complete('1'));
    await expectSilence(socket);
  });

  test('while an event is executed does not get that event', async () => {
    const id = await create();
    const lock = await lockTable(app.database.url, 'users');
    socket.send(subscribe('1', `subscription { generationUpdated(id: "${id}") { user { id } } }`));
    await lock.isWaitedFor();
    socket.send(complete('1'), subscribe('1', '{ models { name } }'));
    await lock.open();
    expect(await socket.next()).toMatchObject({
      id: '1',
      type: 'next',
      payload: { data: { models: expect.anything() } },
    });
    expect(await socket.next()).toEqual(complete('1'));
    await expectSilence(socket);
  });

  test('before it has subscribed never subscribes', async () => {
    const id = await create();
    const lock = await lockTable(app.database.url, 'generations');
    socket.send(subscribe('1', `subscription { generationUpdated(id: "${id}") { status } }`));
    await lock.isWaitedFor();
    socket.send(complete('1'));
    await lock.open();
    socket.send(subscribe('2', '{ generations { totalCount } }'));
    expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
    expect(await socket.next()).toEqual(complete('2'));
    await expectSilence(socket);
  });

  test('twice, or after its end, or that never existed, is ignored', async () => {
    socket.send(complete('nothing'), subscribe('1', TYPENAME));
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
    expect(await socket.next()).toEqual(complete('1'));
    socket.send(complete('1'), complete('1'));
    await expectSilence(socket);
  });
});

test('any id can be reused once its operation has ended', async () => {
  for (const id of ['1', '1', '__proto__', 'toString', '__proto__', ' ', '名', 'x'.repeat(1_000)]) {
    socket.send(subscribe(id, TYPENAME));
    expect(await socket.next()).toMatchObject({ id, type: 'next' });
    expect(await socket.next()).toEqual(complete(id));
  }
});

test('an id that is reused at once gets only results of the new operation', async () => {
  const id = await create();
  const watching = subscribe('1', `subscription { generationUpdated(id: "${id}") { status } }`);
  const asking = subscribe('1', '{ workflows { name } }');
  for (let round = 0; round < 20; round += 1) {
    socket.send(watching, complete('1'), asking, complete('1'), subscribe('1', '{ viewer { __typename } }'));
    expect(await socket.next()).toEqual(next('1', { viewer: { __typename: 'User' } }));
    expect(await socket.next()).toEqual(complete('1'));
  }
  await expectSilence(socket);
});
