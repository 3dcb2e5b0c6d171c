/** An internal error on a socket ends its own operation, and nothing else. The real schema has no such error, so the test has its own. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import { buildSchema, type GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { Tokens } from '../../../src/accounts/sessions/tokens.js';
import type { Services } from '../../../src/api/context.js';
import { LatestQueue } from '../../../src/generations/live/latest-queue.js';
import { readAddress } from '../../../src/limits/client-address.js';
import { ConcurrencyLimit } from '../../../src/limits/concurrency-limit.js';
import { Metrics } from '../../../src/metrics/metrics.js';
import { openDatabase } from '../../../src/orm.js';
import { createLogger } from '../../../src/process/logger.js';
import { TIMINGS } from '../../../src/process/timings.js';
import { Pipeline } from '../../../src/server/operation/pipeline.js';
import { serveWebSocket } from '../../../src/server/websocket/websocket.js';
import { SECRET } from '../../accounts/forge.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { Log } from '../../support/log.js';
import { connect, subscribe } from '../../support/socket.js';

const log = new Log();
let database: TestDatabase;
let orm: MikroORM;
let http: Server;
let close: () => Promise<void>;
let url: string;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  close = serveWebSocket({
    http,
    path: '/graphql',
    pipeline: new Pipeline(faulty(), true),
    services: { orm, addressOf: readAddress(0) } as Services,
    tokens: new Tokens([SECRET], 60),
    corsOrigins: '*',
    connections: { perUser: new ConcurrencyLimit(100), perAddress: new ConcurrencyLimit(100) },
    metrics: new Metrics(),
    timings: TIMINGS,
    logger: createLogger('info', log),
  });
});
afterAll(async () => {
  await close();
  http.close();
  await orm.close();
  await database.drop();
});

/** A value that JSON cannot hold, a source that throws, and a source that ticks. */
function faulty(): GraphQLSchema {
  const schema = buildSchema(`
    scalar Unspeakable
    type Query { fine: String unspeakable: Unspeakable }
    type Subscription { ticks: Int unspeakable: Unspeakable breaking: Int }
  `);
  (schema.getType('Unspeakable') as GraphQLScalarType).serialize = () => 1n;
  const query = schema.getQueryType()?.getFields();
  const subscription = schema.getSubscriptionType()?.getFields();
  if (!query?.unspeakable || !subscription?.ticks || !subscription.unspeakable || !subscription.breaking)
    throw new Error('The schema lacks a field');
  query.unspeakable.resolve = () => 1;
  subscription.ticks.subscribe = () => sourceOf(() => ({ ticks: 1 }));
  subscription.unspeakable.subscribe = () => sourceOf(() => ({ unspeakable: 1 }));
  subscription.breaking.subscribe = () =>
    sourceOf(
      () => ({ breaking: 1 }),
      () => {
        throw new Error('select password from users');
      },
    );
  return schema;
}

/** @param events made when they are read */
function sourceOf(...events: (() => object)[]) {
  const queue = new LatestQueue<() => object, () => object, object>(
    () => {},
    (make) => make(),
  );
  for (const make of events) queue.offer(make, make);
  return queue;
}

test.each([
  ['a result that JSON cannot hold', '{ unspeakable }', 0],
  ['an event that JSON cannot hold', 'subscription { unspeakable }', 0],
  ['a source that throws', 'subscription { breaking }', 1],
])('%s ends its own operation with an error', async (_claim, query, results) => {
  const socket = await connect(url);
  socket.send(subscribe('other', 'subscription { ticks }'), subscribe('1', query));
  const messages = [];
  while (messages.filter(({ id }) => id === '1').length <= results || messages.length <= results + 1)
    messages.push(await socket.next());
  const own = messages.filter(({ id }) => id === '1');
  expect(own.map(({ type }) => type)).toEqual([...Array(results).fill('next'), 'error']);
  const [{ message, extensions }] = own.at(-1).payload;
  expect({ message, code: extensions.code }).toEqual({
    message: 'Internal server error',
    code: 'INTERNAL_SERVER_ERROR',
  });
  const { requestId } = extensions;
  expect(await log.line({ requestId, level: 50 })).toBeDefined();
  expect(await log.line({ requestId, msg: 'operation ended' })).toMatchObject({ outcome: 'failed' });
  // The id is free again, and the other operation still runs.
  socket.send(subscribe('1', '{ fine }'));
  expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: { data: { fine: null } } });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  socket.send(subscribe('other', '{ fine }'));
  expect(await socket.closed).toMatchObject({ code: 4409 });
});
