/** Events to 1,000 subscribers: of one generation, and of a generation each. Counted by the CPU time of the server's process. */
import { signUp } from '../../support/api.mjs';
import { fillGallery } from '../../support/gallery.mjs';
import { change } from '../../support/postgres/change.mjs';
import { startProcess } from '../../support/process/process.mjs';
import { startServer } from '../../support/process/server.mjs';
import { number } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate, times } from '../../support/table/statistics.mjs';

const SUBSCRIBERS = 1_000;
const QUERY =
  'subscription ($id: ID!) { generationUpdated(id: $id) { id status revision prompt createdAt progress { fraction } result { images { url } } } }';
const MICROSECONDS = 1_000_000;

export async function measure({ rounds, isQuick }) {
  const events = isQuick ? 5 : 20;
  const server = await startServer();
  const user = await signUp(server.url, 'watched@example.com');
  const { database } = server;
  await fillGallery(database, user.id, SUBSCRIBERS);
  // Only an unfinished generation has a stream that stays open. It does not wait, so that no server takes it.
  await database.query("update generations set status = 'PROCESSING', completed_at = null");
  const { rows } = await database.query('select id from generations');
  const ids = rows.map(({ id }) => id);

  const compareWith = async (what, watched) => {
    const load = await startProcess('bench/support/load/sockets.mjs');
    const subscriptions = times(SUBSCRIBERS, (nth) => ({
      token: user.token,
      query: QUERY,
      variables: { id: watched[nth % watched.length] },
      answers: 1,
    }));
    await load.call('reset');
    await load.call('subscribe', { url: server.url, subscriptions });
    const first = await load.call('counted');
    const size = Math.round(first.bytes / first.received);
    const relay = await startProcess('bench/limits/relay.mjs', { env: { BYTES: String(size) } });
    const relayLoad = await startProcess('bench/support/load/sockets.mjs');
    await relayLoad.call('subscribe', { url: relay.url, subscriptions });

    const perCpuSecond = async (side, clients, publish) => {
      const before = await side.call('cpu');
      for (let nth = 0; nth < events; nth += 1) {
        await clients.call('reset');
        await publish();
        await clients.call('received', SUBSCRIBERS);
      }
      return (events * SUBSCRIBERS * MICROSECONDS) / ((await side.call('cpu')) - before);
    };
    const measured = await alternate(
      {
        ours: () => perCpuSecond(server, load, () => change(database, watched, user.id)),
        limit: () => perCpuSecond(relay, relayLoad, () => relay.call('publish')),
      },
      rounds,
    );
    for (const process of [load, relayLoad, relay]) await process.close();
    return compare(`${what}, ${size} bytes, per CPU second`, measured, number);
  };
  const one = await compareWith('events of one generation to 1,000 subscribers', ids.slice(0, 1));
  const own = await compareWith('events to 1,000 subscribers, a generation each', ids);
  await server.close();
  return [one, own];
}
