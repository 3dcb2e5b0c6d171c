/** What many subscribers of one user cost, counted on the wire to PostgreSQL. */
import type { App } from '../../../src/app.js';
import { type ListeningProxy, startListeningProxy } from '../../api/listening-proxy.js';
import { startConfigured, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { answersOf, openStream } from '../../support/event-stream.js';
import { until } from '../../support/until.js';
import { begins, create, follow, followAll, read } from '../support.js';

const SUBSCRIBERS = 4;
const OF_A_RESULT = /r\.generation_id = any/;

let first: TestApp;
let proxy: ListeningProxy;
/** On the same database, through the proxy. */
let app: App;
let alice: Client;
beforeAll(async () => {
  first = await startTestApp();
  alice = await signUp(first.url);
  proxy = await startListeningProxy(first.database.url);
  app = await startConfigured({ ...first.env, PORT: '0', DATABASE_URL: proxy.url });
});
afterAll(async () => {
  await app?.close();
  await proxy?.close();
  await first?.close();
});

const times = <T>(make: () => T): T[] => Array.from({ length: SUBSCRIBERS }, make);

test('sockets of one user read the result of a generation once for each subscription field, and streams once more', async () => {
  first.simulator.hold();
  const { id } = await create(alice);
  const ofOne = times(() => follow(app, alice, id));
  const ofAll = await Promise.all(times(() => followAll(app, alice)));
  const query = `subscription { generationUpdated(id: "${id}") { status result { images { url } } } }`;
  const streams = await Promise.all(times(() => openStream(app.url, { query }, { token: alice.token ?? '' })));
  const streamed = streams.map((stream) => Array.fromAsync(answersOf(stream)));
  await until(() => ofOne.every(({ seen }) => seen.length > 0), 'the first states');
  for (const following of ofAll) await begins(first, following, id);
  proxy.statements.length = 0;
  first.simulator.release();
  await Promise.all(ofOne.map(({ ended }) => ended));
  await until(
    () => ofAll.every(({ seen }) => seen.at(-1)?.generation?.status === 'COMPLETED'),
    'the last change to be reported',
  );
  const end = await read(alice, id);
  for (const { seen } of ofOne) expect(seen.at(-1)).toEqual(end);
  for (const { seen } of ofAll) expect(seen.at(-1)?.generation).toEqual(end);
  const last = { status: 'COMPLETED', result: { images: end.result?.images.map(({ url }) => ({ url })) } };
  for (const results of await Promise.all(streamed))
    expect(results.at(-1)).toEqual({ data: { generationUpdated: last } });
  expect(proxy.statements.filter((sql) => OF_A_RESULT.test(sql))).toHaveLength(3);
  for (const { leave } of ofAll) await leave();
});
