/** Measures what many sockets and a mixed load leave behind: errors, and the server's memory before and after. Options: --sockets 500 --seconds 60 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ask, at, connect, signUp, startServer } from './server.mjs';

const { values } = parseArgs({
  options: { sockets: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' } },
});
const [SOCKETS, SECONDS] = [Number(values.sockets), Number(values.seconds)];
const USERS = 10;
/** Longer than the server keeps an idle connection. */
const IDLE_MS = 70_000;
const QUERIES_PER_SECOND = 100;
const CREATIONS_PER_SECOND = 4;
const SUBSCRIPTIONS_PER_SECOND = 50;

const server = await startServer({ SIMULATOR_STEP_MS: '5' });
const errors = [];
const note = (what) => (error) => errors.push(`${what}: ${error?.message ?? JSON.stringify(error)}`);
try {
  const users = [];
  for (let nth = 0; nth < USERS; nth += 1) users.push(await signUp(server.url, `user-${nth}@example.com`));
  const pick = () => users[Math.floor(Math.random() * USERS)];
  // Warm up: the server creates its one-time objects now.
  await run(5, 50);
  await sleep(IDLE_MS);
  const before = await server.held();
  const { latencies, openings, opened, events } = await run(SECONDS, SOCKETS);
  await sleep(IDLE_MS);
  const after = await server.held();

  const mb = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  console.log(
    `${SOCKETS} sockets for ${SECONDS} s: ${latencies.length} requests, ${events} events, ${errors.length} errors`,
  );
  console.log(
    `all at once they were open after: p50 ${at(openings, 0.5).toFixed(0)} ms, p99 ${at(openings, 0.99).toFixed(0)} ms, and all answered after ${opened.toFixed(0)} ms`,
  );
  console.log(`requests: p50 ${at(latencies, 0.5).toFixed(1)} ms, p99 ${at(latencies, 0.99).toFixed(1)} ms`);
  console.log(
    `heap after a collection: ${mb(before.heapUsed)} before, ${mb(after.heapUsed)} after (x${(after.heapUsed / before.heapUsed).toFixed(2)})`,
  );
  console.log(`open handles: ${JSON.stringify(before.resources)} before, ${JSON.stringify(after.resources)} after`);
  for (const error of new Set(errors)) console.log(error);

  async function run(seconds, count) {
    const latencies = [];
    const openings = [];
    let events = 0;
    const start = performance.now();
    const clients = Array.from({ length: count }, (_, nth) => connect(server.url, users[nth % USERS].token));
    for (const client of clients) client.on('connected', () => openings.push(performance.now() - start));
    const watch = (client, query, variables) =>
      client.subscribe(
        { query, variables },
        {
          next: ({ errors }) => {
            if (errors) note('event')(errors[0]);
            events += 1;
          },
          error: note('subscription'),
          complete: () => {},
        },
      );
    for (const client of clients)
      watch(client, 'subscription { generationsUpdated { kind generationId generation { status } } }');
    // A query on each socket: its result arrives after the subscription has started.
    const answered = (client) =>
      new Promise((resolve) => {
        const error = (reason) => resolve(note('question')(reason));
        client.subscribe({ query: '{ viewer { id } }' }, { next: () => {}, error, complete: resolve });
      });
    await Promise.all(clients.map(answered));
    const opened = performance.now() - start;
    const timed = async (what, act) => {
      const start = performance.now();
      await act().catch(note(what));
      latencies.push(performance.now() - start);
    };
    const pending = new Set();
    const begin = (promise) => {
      pending.add(promise);
      promise.finally(() => pending.delete(promise));
    };
    const every = (perSecond, act) => setInterval(() => begin(act()), 1_000 / perSecond);
    const timers = [
      every(QUERIES_PER_SECOND, () =>
        timed('query', () =>
          ask(server.url, '{ generations(first: 10) { nodes { id status result { images { url } } } } }', pick()),
        ),
      ),
      every(CREATIONS_PER_SECOND, () =>
        timed('creation', () =>
          ask(
            server.url,
            'mutation { createGeneration(input: { prompt: "x", width: 64, height: 64, steps: 2 }) { id } }',
            pick(),
          ),
        ),
      ),
      every(SUBSCRIPTIONS_PER_SECOND, async () => {
        const client = clients[Math.floor(Math.random() * count)];
        const leave = watch(client, 'subscription { generationsUpdated { kind } }');
        await sleep(500);
        leave();
      }),
    ];
    await sleep(seconds * 1_000);
    for (const timer of timers) clearInterval(timer);
    await Promise.all(pending);
    await Promise.all(clients.map((client) => client.dispose()));
    return { latencies, openings, opened, events };
  }
} finally {
  await server.close();
}
