/** What many sockets and a mixed load leave behind: errors, and the server's memory before and after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, connect, signUpMany } from '../../support/api.mjs';
import { startServer } from '../../support/process/server.mjs';
import { kB } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';

const USERS = 10;
const WATCH = 'subscription { generationsUpdated { kind generationId generation { status } } }';
const LIST = '{ generations(first: 10) { nodes { id status result { images { url } } } } }';
const CREATE = 'mutation { createGeneration(input: { prompt: "x", width: 64, height: 64, steps: 2 }) { id } }';
const QUERIES_PER_SECOND = 50;
const CREATIONS_PER_SECOND = 4;
const SUBSCRIPTIONS_PER_SECOND = 50;
export async function measure({ isQuick }) {
  const [sockets, seconds] = isQuick ? [200, 5] : [500, 30];
  // Jobs have ended by then, and closed sockets are gone.
  const settleMs = isQuick ? 3_000 : 10_000;
  const server = await startServer({ SIMULATOR_STEP_MS: '5' });
  const users = await signUpMany(server.url, USERS);
  const errors = [];
  // Warms up: the server creates its one-time objects now.
  await load(server.url, users, { sockets, seconds: 5, errors });
  await sleep(settleMs);
  const before = await server.call('memory');
  await load(server.url, users, { sockets, seconds, errors });
  await sleep(settleMs);
  const after = await server.call('memory');
  await server.close();
  if (errors.length > 0) throw new Error(`${errors.length} errors, such as ${errors[0]}`);
  const handles = Object.entries(after.resources).map(([name, count]) => `${name} ${count}`);
  console.log(`open handles after ${sockets} sockets: ${handles.join(', ')}`);
  const heap = { ours: [after.heapUsed], limit: [before.heapUsed] };
  return [compare(`heap after ${sockets} sockets and a mixed load, to before`, heap, kB, true)];
}

async function load(url, users, { sockets, seconds, errors }) {
  const note = (error) => errors.push(error?.message ?? JSON.stringify(error));
  const pick = (all) => all[Math.floor(Math.random() * all.length)];
  const clients = Array.from({ length: sockets }, (_, nth) => connect(url, users[nth % users.length].token));
  const watch = (client) =>
    client.subscribe(
      { query: WATCH },
      { next: ({ errors }) => errors?.forEach(note), error: note, complete: () => {} },
    );
  for (const client of clients) watch(client);
  const pending = new Set();
  const every = (perSecond, act) =>
    setInterval(() => {
      const promise = act().catch(note);
      pending.add(promise);
      promise.finally(() => pending.delete(promise));
    }, 1_000 / perSecond);
  const timers = [
    every(QUERIES_PER_SECOND, () => ask(url, LIST, pick(users))),
    every(CREATIONS_PER_SECOND, () => ask(url, CREATE, pick(users))),
    every(SUBSCRIPTIONS_PER_SECOND, async () => {
      const leave = watch(pick(clients));
      await sleep(500);
      leave();
    }),
  ];
  await sleep(seconds * 1_000);
  for (const timer of timers) clearInterval(timer);
  await Promise.all(pending);
  await Promise.all(clients.map((client) => client.dispose()));
}
