/** The memory of an idle subscriber: of the process, after a garbage collection, for each of many sockets. */
import { signUp } from '../../support/api.mjs';
import { startProcess } from '../../support/process/process.mjs';
import { startServer } from '../../support/process/server.mjs';
import { kB } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { times } from '../../support/table/statistics.mjs';

const QUERY = 'subscription { generationsUpdated { kind generationId generation { id status } } }';
const WARM_UP = 200;

export async function measure({ isQuick }) {
  const subscribers = isQuick ? 2_000 : 5_000;
  const server = await startServer();
  const user = await signUp(server.url, 'idle@example.com');
  const relay = await startProcess('bench/limits/relay.mjs');
  const ours = await perSubscriber(server, user.token, subscribers);
  const limit = await perSubscriber(relay, user.token, subscribers);
  await relay.close();
  await server.close();
  const compareOf = (what, kind) => compare(what, { ours: [ours[kind]], limit: [limit[kind]] }, kB, true);
  return [
    compareOf(`memory of an idle subscriber, of ${subscribers.toLocaleString('en')}`, 'rss'),
    compareOf('… of it on the heap', 'heapUsed'),
  ];
}

async function perSubscriber(side, token, count) {
  const load = await startProcess('bench/support/load/sockets.mjs');
  const open = (count) =>
    load.call('subscribe', { url: side.url, subscriptions: times(count, () => ({ token, query: QUERY })) });
  await open(WARM_UP);
  const before = await side.call('memory');
  await open(count);
  await load.call('settled');
  const after = await side.call('memory');
  await load.close();
  const each = (kind) => (after[kind] - before[kind]) / count;
  return { rss: each('rss'), heapUsed: each('heapUsed') };
}
