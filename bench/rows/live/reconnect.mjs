/** 1,000 sockets that reconnect at once, as after a restart: until each has its subscription and the answer to a query. */
import { signUpMany } from '../../support/api.mjs';
import { startProcess } from '../../support/process/process.mjs';
import { startServer } from '../../support/process/server.mjs';
import { seconds } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate, times } from '../../support/table/statistics.mjs';

const SOCKETS = 1_000;
const USERS = 20;
const QUERY = 'subscription { generationsUpdated { kind generationId generation { id status } } }';

export async function measure({ rounds }) {
  const server = await startServer();
  const users = await signUpMany(server.url, USERS);
  const relay = await startProcess('bench/limits/relay.mjs');
  const load = await startProcess('bench/support/load/sockets.mjs');
  const subscriptions = times(SOCKETS, (nth) => ({ token: users[nth % USERS].token, query: QUERY }));
  const reconnect = async ({ url }) => {
    const taken = await load.call('subscribe', { url, subscriptions, question: '{ viewer { id } }', isAtOnce: true });
    await load.call('close');
    return taken;
  };
  await reconnect(server);
  const measured = await alternate(
    { ours: () => reconnect(server), limit: () => reconnect(relay) },
    Math.min(5, rounds),
  );
  const { retried } = await load.call('counted');
  if (retried > 0)
    console.log(`${retried} sockets had to connect again, because the server had not read their first message`);
  for (const process of [load, relay, server]) await process.close();
  return [compare('1,000 sockets that reconnect at once: all subscribed and answered', measured, seconds, true)];
}
