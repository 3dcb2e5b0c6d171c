/** The rules of graphql-transport-ws for operations: which results come under which id, and in which order. */
import { complete, expectSilence, next, subscribe } from '../../support/socket.js';
import { lockTable } from '../../support/table-lock.js';
import { CREATE, LIVE, TYPENAME, useSocket } from './support.js';

const world = useSocket();

describe('one result', () => {
  test('of a query is followed by complete', async () => {
    world.socket.send(subscribe('1', TYPENAME));
    expect(await world.socket.next()).toEqual(next('1', { __typename: 'Query' }));
    expect(await world.socket.next()).toEqual(complete('1'));
    await expectSilence(world.socket);
  });

  test('of a mutation is followed by complete', async () => {
    world.socket.send(subscribe('1', CREATE));
    expect(await world.socket.next()).toEqual(
      next('1', { createGeneration: { id: expect.any(String), status: 'PENDING' } }),
    );
    expect(await world.socket.next()).toEqual(complete('1'));
    await expectSilence(world.socket);
  });

  test('of failed fields has their errors and the other data', async () => {
    world.socket.send(subscribe('1', '{ __typename generation(id: "x") { id } }'));
    expect(await world.socket.next()).toEqual({
      id: '1',
      type: 'next',
      payload: {
        data: { __typename: 'Query', generation: null },
        errors: [
          expect.objectContaining({ path: ['generation'], extensions: expect.objectContaining({ code: 'NOT_FOUND' }) }),
        ],
      },
    });
    expect(await world.socket.next()).toEqual(complete('1'));
    await expectSilence(world.socket);
  });

  test('does not wait for other operations', async () => {
    const lock = await lockTable(world.app.database.url, 'generations');
    world.socket.send(subscribe('slow', '{ generations { totalCount } }'), subscribe('quick', TYPENAME));
    expect(await world.socket.next()).toEqual(next('quick', { __typename: 'Query' }));
    expect(await world.socket.next()).toEqual(complete('quick'));
    await lock.isWaitedFor();
    await lock.open();
    expect(await world.socket.next()).toMatchObject({ id: 'slow', type: 'next' });
    expect(await world.socket.next()).toEqual(complete('slow'));
  });
});

test('the results of a subscription come in order, and then complete', async () => {
  const id = await world.create();
  world.socket.send(subscribe('1', `subscription { generationUpdated(id: "${id}") { status revision } }`));
  const seen = [(await world.socket.next()).payload.data.generationUpdated];
  world.app.simulator.release();
  let message = await world.socket.next();
  for (; message.type === 'next'; message = await world.socket.next())
    seen.push(message.payload.data.generationUpdated);
  expect(message).toEqual(complete('1'));
  const revisions = seen.map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  // A slow reader gets the newest state only, so that a status in between may be missing.
  const statuses = seen.map(({ status }) => status).filter((status, at, all) => status !== all[at - 1]);
  expect(statuses).toEqual(['PENDING', 'PROCESSING', 'COMPLETED'].filter((status) => statuses.includes(status)));
  expect(statuses.length).toBeGreaterThan(1);
  expect(statuses.at(-1)).toBe('COMPLETED');
  await expectSilence(world.socket);
});

test('concurrent operations of any kind get their results under their own ids', async () => {
  world.socket.send(subscribe('a', LIVE), subscribe('b', LIVE), subscribe('c', CREATE));
  const received: Record<string, string[]> = { a: [], b: [], c: [] };
  while (!(received.a?.length && received.b?.length && received.c?.length === 2)) {
    const { id, type } = await world.socket.next();
    received[id]?.push(type);
  }
  expect(received.c).toEqual(['next', 'complete']);
  expect(new Set([...received.a, ...received.b])).toEqual(new Set(['next']));
});

describe('a payload may have', () => {
  const TWO = 'query A { a: __typename } query B($x: Boolean = true) { b: __typename @include(if: $x) }';
  test.each<[claim: string, payload: object, data: object]>([
    ['null for every optional field', { operationName: null, variables: null, extensions: null }, { t: 'Query' }],
    ['extensions, which are ignored', { extensions: { persistedQuery: { version: 1 } } }, { t: 'Query' }],
    ['undeclared variables', { variables: { y: 1, __proto__: { z: 1 } } }, { t: 'Query' }],
    ['an operation name', { query: TWO, operationName: 'A' }, { a: 'Query' }],
    ['variables of the chosen operation', { query: TWO, operationName: 'B', variables: { x: false } }, {}],
    ['no value for a variable with a default', { query: TWO, operationName: 'B', variables: null }, { b: 'Query' }],
  ])('%s', async (_claim, payload, data) => {
    world.socket.send(subscribe('1', '{ t: __typename }', payload));
    expect(await world.socket.next()).toEqual(next('1', data));
    expect(await world.socket.next()).toEqual(complete('1'));
  });
});

describe('an error message ends its own operation, and no other, after', () => {
  const TWO = 'query A { __typename } query B { __typename }';
  test.each<[claim: string, query: string, payload: object, error: object]>([
    ['a syntax error', '{', {}, { code: 'GRAPHQL_PARSE_FAILED', line: 1 }],
    ['an empty document', '', {}, { code: 'BAD_REQUEST' }],
    [
      'a document without an operation',
      'fragment F on Query { a: __typename }',
      {},
      { code: 'GRAPHQL_VALIDATION_FAILED', line: 1 },
    ],
    ['an unknown field', '{ nothing }', {}, { code: 'GRAPHQL_VALIDATION_FAILED', line: 1 }],
    [
      'a subscription with two fields',
      'subscription { a: generationsUpdated { generationId } b: generationsUpdated { generationId } }',
      {},
      { code: 'GRAPHQL_VALIDATION_FAILED', line: 1 },
    ],
    ['an unknown operation name', TWO, { operationName: 'C' }, { code: 'OPERATION_RESOLUTION_FAILURE' }],
    ['no operation name for two operations', TWO, {}, { code: 'OPERATION_RESOLUTION_FAILURE' }],
    ['an empty operation name', TYPENAME, { operationName: '' }, { code: 'OPERATION_RESOLUTION_FAILURE' }],
  ])('%s', async (_claim, query, payload, { code, line }: { code?: string; line?: number }) => {
    world.socket.send(subscribe('other', LIVE), subscribe('1', query, payload));
    const { payload: errors, ...message } = await world.socket.next();
    expect(message).toEqual({ id: '1', type: 'error' });
    expect(errors[0]).toMatchObject({
      message: expect.any(String),
      extensions: { code },
      ...(line && { locations: [{ line }] }),
    });
    await expectSilence(world.socket);
    // The id is free again, and the other operation still runs.
    world.socket.send(subscribe('1', TYPENAME));
    expect(await world.socket.next()).toMatchObject({ id: '1', type: 'next' });
    expect(await world.socket.next()).toEqual(complete('1'));
    await world.create();
    expect(await world.socket.next()).toMatchObject({ id: 'other', type: 'next' });
  });

  test('a subscription to what is not there', async () => {
    world.socket.send(subscribe('1', 'subscription { generationUpdated(id: "x") { id } }'));
    const { type, payload } = await world.socket.next();
    const [error] = type === 'error' ? payload : payload.errors;
    expect(error.extensions.code).toBe('NOT_FOUND');
    if (type === 'next') expect(await world.socket.next()).toEqual(complete('1'));
    await expectSilence(world.socket);
  });
});
