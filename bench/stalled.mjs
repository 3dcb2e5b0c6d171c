/**
 * Measures what one subscriber that stops reading costs the server and the others: the same events with and without it, in one run.
 * Options: --seconds 60 --events 100
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import WebSocket from 'ws';
import { at, connect, signUp, startServer } from './server.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, events: { type: 'string', default: '100' } },
});
const [SECONDS, EVENTS_PER_SECOND] = [Number(values.seconds), Number(values.events)];
const GENERATIONS = 50;
const OTHERS = 10;
/** The notification by which another server reports that a generation has changed: see src/db/channel.ts. */
const SENDER = '00000000-0000-4000-8000-000000000000';
/** Large, so that unread data would show. */
const PROMPT = 'a landscape '.repeat(600);
const QUERY =
  'subscription { generationsUpdated { kind generationId generation { revision prompt parameters status } } }';

const server = await startServer();
const database = new pg.Client({ connectionString: server.databaseUrl });
try {
  await database.connect();
  const user = await signUp(server.url, 'watched@example.com');
  const { rows } = await database.query(
    `insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, parameters, completed_at)
     select gen_random_uuid(), $1, 'COMPLETED', false, $2, '', 'text-to-image', 1, '{}', now() from generate_series(1, $3) returning id`,
    [user.id, PROMPT, GENERATIONS],
  );
  const ids = rows.map(({ id }) => id);
  await measure('warming up', 10, false);
  const without = await measure('without', SECONDS, false);
  const withIt = await measure('with', SECONDS, true);
  const mb = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  for (const [name, { latencies, before, after }] of Object.entries({ 'without it': without, 'with it': withIt })) {
    const p = (part) => at(latencies, part).toFixed(1);
    console.log(
      `${name}: ${latencies.length} events to ${OTHERS} others, p50 ${p(0.5)} ms, p95 ${p(0.95)} ms; memory ${mb(after.rss - before.rss)} more, heap ${mb(after.heapUsed - before.heapUsed)} more`,
    );
  }
  console.log(`p95 with it / without it: ${(at(withIt.latencies, 0.95) / at(without.latencies, 0.95)).toFixed(2)}`);

  async function measure(_, seconds, stalls) {
    const sentAt = new Map();
    const latencies = [];
    const clients = Array.from({ length: OTHERS }, () => connect(server.url, user.token));
    for (const client of clients)
      client.subscribe(
        { query: QUERY },
        {
          next: ({ data }) => {
            const { generationId: id, generation } = data.generationsUpdated;
            const sent = sentAt.get(`${id} ${generation?.revision}`);
            if (sent !== undefined) latencies.push(performance.now() - sent);
          },
          error: (error) => console.error(error),
          complete: () => {},
        },
      );
    const stalled = stalls ? await stall(user.token) : undefined;
    await sleep(1_000);
    const before = await server.held();
    for (let nth = 0; nth < seconds * EVENTS_PER_SECOND; nth += 1) {
      const id = ids[nth % ids.length];
      const { rows } = await database.query(
        'update generations set revision = revision + 1, updated_at = now() where id = $1 returning revision',
        [id],
      );
      sentAt.set(`${id} ${rows[0].revision}`, performance.now());
      await database.query('select pg_notify($1, $2)', [
        'comfygraph',
        `${SENDER}${JSON.stringify([['changed', id, user.id, false]])}`,
      ]);
      await sleep(1_000 / EVENTS_PER_SECOND - 2);
    }
    const after = await server.held();
    stalled?.terminate();
    await Promise.all(clients.map((client) => client.dispose()));
    return { latencies, before, after };
  }
} finally {
  await database.end();
  await server.close();
}

/** Subscribes and stops reading, but responds to pings, like a browser whose page is busy. */
async function stall(token) {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
  socket.pause();
  return socket;
}
