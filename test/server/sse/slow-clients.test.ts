/** Slow and disconnected clients of an event stream: the memory for them is bounded. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import express from 'express';
import { buildSchema } from 'graphql';
import pino from 'pino';
import { Tokens } from '../../../src/accounts/sessions/tokens.js';
import type { Services } from '../../../src/api/context.js';
import { LatestQueue } from '../../../src/generations/live/latest-queue.js';
import { readAddress } from '../../../src/limits/client-address.js';
import { ConcurrencyLimit } from '../../../src/limits/concurrency-limit.js';
import { Metrics } from '../../../src/metrics/metrics.js';
import { openDatabase } from '../../../src/orm.js';
import { Pipeline } from '../../../src/server/operation/pipeline.js';
import { Streams } from '../../../src/server/sse/sse.js';
import { SECRET } from '../../accounts/forge.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { answersOf, openStream } from '../../support/event-stream.js';
import { until } from '../../support/until.js';

const PARCEL = 'x'.repeat(2 ** 20);
const PARCELS = 200;
/** More than the buffers of both ends hold. */
const IN_BETWEEN = 50;

/** Holds PARCELS parcels, and then nothing until it is ended. */
class Source extends LatestQueue<number, number, { parcels: string }> {
  fetched = 0;

  constructor() {
    super(
      () => {},
      () => {
        this.fetched += 1;
        return { parcels: PARCEL };
      },
    );
    for (let parcel = 0; parcel < PARCELS; parcel += 1) this.offer(parcel, parcel);
  }
}

let source: Source;
let database: TestDatabase;
let orm: MikroORM;
let streams: Streams;
let http: Server;
let url: string;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  const schema = buildSchema('type Query { nothing: Int } type Subscription { parcels: String }');
  const field = schema.getSubscriptionType()?.getFields().parcels;
  if (!field) throw new Error('The schema has no subscription');
  field.subscribe = () => {
    source = new Source();
    return source;
  };
  const tokens = new Tokens([SECRET], 60);
  streams = new Streams({
    pipeline: new Pipeline(schema, true),
    services: { orm, addressOf: readAddress(0) } as Services,
    tokens,
    connections: { perUser: new ConcurrencyLimit(100), perAddress: new ConcurrencyLimit(100) },
    metrics: new Metrics(),
    logger: pino({ level: 'fatal' }),
  });
  http = createServer(express().use('/graphql/stream', streams.router)).listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterAll(async () => {
  http.closeAllConnections();
  http.close();
  await orm.close();
  await database.drop();
});

const SUBSCRIBE = { query: 'subscription { parcels }' };

test('a slow client receives data no faster than it reads, and receives all of it', async () => {
  let read = 0;
  let ahead = 0;
  for await (const { data } of answersOf(await openStream(url, SUBSCRIBE))) {
    expect(data.parcels).toHaveLength(PARCEL.length);
    read += 1;
    ahead = Math.max(ahead, source.fetched - read);
    // The server would run ahead in these turns of the event loop.
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    if (read === PARCELS) break;
  }
  expect(ahead).toBeLessThan(IN_BETWEEN);
});

test('a client that disconnects without reading ends its subscription', async () => {
  const going = new AbortController();
  await openStream(url, SUBSCRIBE, { signal: going.signal });
  await until(() => source.fetched > 0, 'the server to send');
  going.abort();
  await until(() => source.isEnded, 'the subscription to end');
  expect(source.fetched).toBeLessThan(IN_BETWEEN);
});

test('a shutdown ends the stream of a client that does not read', async () => {
  const response = await openStream(url, SUBSCRIBE);
  await until(() => source.fetched > 0, 'the server to send');
  streams.close();
  await until(() => source.isEnded, 'the subscription to end');
  await response.body?.cancel();
});
