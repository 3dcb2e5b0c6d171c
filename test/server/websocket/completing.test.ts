/** The rules of graphql-transport-ws for operations that a client completes, and for reused ids. */
import { complete, expectSilence, next, subscribe } from '../../support/socket.js';
import { lockTable } from '../../support/table-lock.js';
import { LIVE, TYPENAME, useSocket } from './support.js';

const world = useSocket();

describe('an operation that its client completes', () => {
  test('gets no more events, and no complete', async () => {
    world.socket.send(subscribe('live', LIVE), complete('live'), subscribe('other', LIVE));
    await expectSilence(world.socket);
    await world.create();
    expect(await world.socket.next()).toMatchObject({ id: 'other', type: 'next' });
    world.socket.send({ type: 'ping' });
    for (let message = await world.socket.next(); message.type !== 'pong'; message = await world.socket.next())
      expect(message).toMatchObject({ id: 'other', type: 'next' });
  });

  test('before its result is ready gets no result', async () => {
    const lock = await lockTable(world.app.database.url, 'generations');
    world.socket.send(subscribe('1', '{ generations { totalCount } }'));
    await lock.isWaitedFor();
    world.socket.send(complete('1'), subscribe('1', '{ viewer { __typename } }'));
    await lock.open();
    expect(await world.socket.next()).toEqual(next('1', { viewer: { __typename: 'User' } }));
    expect(await world.socket.next()).toEqual(complete('1'));
    await expectSilence(world.socket);
  });

  test('while an event is executed does not get that event', async () => {
    const id = await world.create();
    const lock = await lockTable(world.app.database.url, 'users');
    world.socket.send(subscribe('1', `subscription { generationUpdated(id: "${id}") { user { id } } }`));
    await lock.isWaitedFor();
    world.socket.send(complete('1'), subscribe('1', '{ models { name } }'));
    await lock.open();
    expect(await world.socket.next()).toMatchObject({
      id: '1',
      type: 'next',
      payload: { data: { models: expect.anything() } },
    });
    expect(await world.socket.next()).toEqual(complete('1'));
    await expectSilence(world.socket);
  });

  test('before it has subscribed never subscribes', async () => {
    const id = await world.create();
    const lock = await lockTable(world.app.database.url, 'generations');
    world.socket.send(subscribe('1', `subscription { generationUpdated(id: "${id}") { status } }`));
    await lock.isWaitedFor();
    world.socket.send(complete('1'));
    await lock.open();
    world.socket.send(subscribe('2', '{ generations { totalCount } }'));
    expect(await world.socket.next()).toMatchObject({ id: '2', type: 'next' });
    expect(await world.socket.next()).toEqual(complete('2'));
    await expectSilence(world.socket);
  });

  test('twice, or after its end, or that never existed, is ignored', async () => {
    world.socket.send(complete('nothing'), subscribe('1', TYPENAME));
    expect(await world.socket.next()).toMatchObject({ id: '1', type: 'next' });
    expect(await world.socket.next()).toEqual(complete('1'));
    world.socket.send(complete('1'), complete('1'));
    await expectSilence(world.socket);
  });
});

test('any id can be reused once its operation has ended', async () => {
  for (const id of ['1', '1', '__proto__', 'toString', '__proto__', ' ', '名', 'x'.repeat(1_000)]) {
    world.socket.send(subscribe(id, TYPENAME));
    expect(await world.socket.next()).toMatchObject({ id, type: 'next' });
    expect(await world.socket.next()).toEqual(complete(id));
  }
});

test('an id that is reused at once gets only results of the new operation', async () => {
  const id = await world.create();
  const watching = subscribe('1', `subscription { generationUpdated(id: "${id}") { status } }`);
  const asking = subscribe('1', '{ workflows { name } }');
  for (let round = 0; round < 20; round += 1) {
    world.socket.send(watching, complete('1'), asking, complete('1'), subscribe('1', '{ viewer { __typename } }'));
    expect(await world.socket.next()).toEqual(next('1', { viewer: { __typename: 'User' } }));
    expect(await world.socket.next()).toEqual(complete('1'));
  }
  await expectSilence(world.socket);
});
