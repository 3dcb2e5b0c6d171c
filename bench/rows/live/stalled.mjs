/** What one subscriber that stops reading costs the others: the same events with and without it. */
import WebSocket from 'ws';
import { connect, signUp, socketUrl } from '../../support/api.mjs';
import { fillGallery } from '../../support/gallery.mjs';
import { change } from '../../support/postgres/change.mjs';
import { startServer } from '../../support/process/server.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate, at } from '../../support/table/statistics.mjs';

const GENERATIONS = 50;
const OTHERS = 10;
/** Large, so that unread data would show. */
const PROMPT = 'a landscape '.repeat(600);
const QUERY =
  'subscription { generationsUpdated { kind generationId generation { revision prompt parameters status } } }';

export async function measure({ rounds, isQuick }) {
  const events = isQuick ? 50 : 200;
  const server = await startServer();
  const user = await signUp(server.url, 'watched@example.com');
  await fillGallery(server.database, user.id, GENERATIONS);
  await server.database.query('update generations set prompt = $1', [PROMPT]);
  const { rows } = await server.database.query('select id from generations');

  /** The 95th percentile of the time until a change reaches each of the others, in ms. */
  const latency = async () => {
    const latencies = [];
    let changedAt = 0;
    let arrive;
    const next = () => {
      latencies.push(performance.now() - changedAt);
      if (latencies.length % OTHERS === 0) arrive();
    };
    const clients = Array.from({ length: OTHERS }, () => connect(server.url, user.token));
    await Promise.all(clients.map((client) => new Promise((resolve) => client.on('connected', resolve))));
    for (const client of clients)
      client.subscribe({ query: QUERY }, { next, error: (error) => console.error(error), complete: () => {} });
    // A subscription has started when the server answers what was sent after it.
    await Promise.all(clients.map(answered));
    for (let nth = 0; nth < events; nth += 1) {
      const arrived = new Promise((resolve) => {
        arrive = resolve;
      });
      changedAt = performance.now();
      await change(server.database, [rows[nth % rows.length].id], user.id);
      await arrived;
    }
    await Promise.all(clients.map((client) => client.dispose()));
    return at(latencies, 0.95);
  };
  const measured = await alternate(
    {
      limit: latency,
      async ours() {
        const stalled = await stall(server.url, user.token);
        const taken = await latency();
        stalled.terminate();
        return taken;
      },
    },
    Math.min(rounds, 5),
  );
  await server.close();
  return [compare('an event beside a subscriber that stopped reading (p95), to one without', measured, ms, true)];
}

const answered = (client) =>
  new Promise((resolve, reject) => {
    client.subscribe({ query: '{ viewer { id } }' }, { next: () => {}, error: reject, complete: resolve });
  });

/** Subscribes and stops reading, but responds to pings, like a browser whose page is busy. */
async function stall(url, token) {
  const socket = new WebSocket(socketUrl(url), 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
  socket.pause();
  return socket;
}
