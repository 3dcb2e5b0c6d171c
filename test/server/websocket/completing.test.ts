/** The rules of graphql-transport-ws for what a client has completed, and for using an id again. */
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
  // Somebody new, of whom nothing is on its way that another test has begun.
  alice = await signUp(app.url);
  socket = await connect(app.url, alice.token);
});
afterEach(() => socket.close());
afterAll(() => app?.close());

const LIVE = 'subscription { generationsUpdated { kind } }';
const TYPENAME = '{ __typename }';
const CREATE = 'mutation { createGeneration(input: { prompt: "x", steps: 2 }) { id status } }';
const create = async (): Promise<string> => (await alice.ask(CREATE)).data.createGeneration.id;

describe('what its client has completed', () => {
  test('is told of no more, and not that it is complete', async () => {
    socket.send(subscribe('live', LIVE), complete('live'), subscribe('other', LIVE));
    await expectSilence(socket);
    await create();
    expect(await socket.next()).toMatchObject({ id: 'other', type: 'next' });
    socket.send({ type: 'ping' });
    for (let message = await socket.next(); message.type !== 'pong'; message = await socket.next())
      expect(message).toMatchObject({ id: 'other', type: 'next' });
  });

  test('before its result is there has none', async () => {
    const lock = await lockTable(app.database.url, 'generations');
    socket.send(subscribe('1', '{ generations { totalCount } }'));
    await lock.isWaitedFor();
    socket.send(complete('1'), subscribe('1', '{ viewer { __typename } }'));
    await lock.open();
    expect(await socket.next()).toEqual(next('1', { viewer: { __typename: 'User' } }));
    expect(await socket.next()).toEqual(complete('1'));
    await expectSilence(socket);
  });

  test('while the next result is made is not told of that any more', async () => {
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

  test('before it has begun to listen never does', async () => {
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

  test('twice, or after its end, or never was there, is passed over', async () => {
    socket.send(complete('nothing'), subscribe('1', TYPENAME));
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
    expect(await socket.next()).toEqual(complete('1'));
    socket.send(complete('1'), complete('1'));
    await expectSilence(socket);
  });
});

test('an id can be used again once its operation is over, whatever it is called', async () => {
  for (const id of ['1', '1', '__proto__', 'toString', '__proto__', ' ', '名', 'x'.repeat(1_000)]) {
    socket.send(subscribe(id, TYPENAME));
    expect(await socket.next()).toMatchObject({ id, type: 'next' });
    expect(await socket.next()).toEqual(complete(id));
  }
});

test('an id used again at once answers for its new operation alone', async () => {
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
