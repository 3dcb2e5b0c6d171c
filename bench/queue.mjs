/**
 * Measures how long a claim, a queue position and the first page take: `npm run bench:queue`. Compares each, in one run, with a bare
 * round trip, which is the lower bound, and with the same operation on a short queue.
 *
 * Options: --queued 10000 --users 1000 --finished 300000 --samples 500
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { startApp } from '../dist/app.js';
import { readConfig } from '../dist/config.js';
import { startEmbeddedPostgres } from '../dist/db/embedded/embedded-postgres.js';
import { migrate } from '../dist/db/migrate.js';
import { openDatabase } from '../dist/orm.js';
import { claim } from '../dist/runner/claims.js';
import { Dispatcher } from '../dist/runner/dispatcher.js';
import { readQueuePositions } from '../dist/runner/queue-order.js';

const { values } = parseArgs({
  options: {
    queued: { type: 'string', default: '10000' },
    users: { type: 'string', default: '1000' },
    finished: { type: 'string', default: '300000' },
    samples: { type: 'string', default: '500' },
  },
});
const size = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const ROUTES = Array.from({ length: 20 }, (_, nth) => `route-${nth}`);
const DEPTH = 2;
const UNLIMITED = { user: 1e6, admin: 1e6 };
const logger = pino({ level: 'error' });

const folder = await mkdtemp(join(tmpdir(), 'comfygraph-bench-'));
const postgres = await startEmbeddedPostgres(folder, logger);
try {
  await measure();
} finally {
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
}

async function measure() {
  const orm = await openDatabase(postgres.url);
  await migrate(orm, logger);
  const run = (sql, parameters = []) => orm.em.fork().execute(sql, parameters);
  const backends = [randomUUID(), randomUUID()];
  for (const id of backends)
    await run(`insert into backends (id, name, url, state) values (?, ?, ?, 'ONLINE')`, [id, id, id]);
  for (const route of ROUTES) await run(`insert into routes values (?, '{"classes": [], "files": []}')`, [route]);

  const rows = {};
  for (const [label, queued, users] of [
    ['short', 100, 10],
    ['long', size.queued, size.users],
  ]) {
    await fill(run, { queued, users });
    const bare = await times(() => orm.em.fork().transactional((em) => em.execute('select 1')));
    const jobs = [];
    const claimOne = async () => {
      const backendId = backends[jobs.length % backends.length];
      const options = { backendId, routes: ROUTES, depth: DEPTH, limits: UNLIMITED, promptId: randomUUID(), holder: 1 };
      const job = await claim(orm.em.fork(), options);
      if (!job) throw new Error('There was nothing to claim');
      jobs.push(job);
    };
    const online = { online: () => backends.map((id) => ({ id })), ids: () => backends, serves: () => true };
    const dispatcher = new Dispatcher({ orm, replica: { number: 1 }, backends: online, limits: UNLIMITED });
    const free = () => run('update prompts set ended_at = now() where ended_at is null');
    const samples = Math.min(size.samples, Math.floor(queued / 4));
    const claims = await times(claimOne, samples, free);
    const dispatches = await times(() => dispatcher.next(), samples, free);
    const waiting = await run('select id from generations where waiting order by random() limit 2000');
    const positions = await times((nth) => {
      const start = (nth * 20) % Math.max(1, waiting.length - 20);
      return readQueuePositions(
        orm.em.fork(),
        waiting.slice(start, start + 20).map(({ id }) => id),
      );
    });
    rows[label] = { bare, claim: claims, dispatch: dispatches, positions };
  }
  rows.short.page = undefined;
  await orm.close();
  rows.long.page = await pages();
  print(rows);
}

/** Inserts users with the same number of waiting generations each, and a history of finished ones. */
async function fill(run, { queued, users }) {
  await run('delete from prompts');
  await run('delete from generations');
  await run('delete from turns');
  await run('delete from users');
  await run(
    `insert into users (id, email, password_hash) select gen_random_uuid(), n || '@example.com', '' from generate_series(1, ?) n`,
    [users],
  );
  const insert = (count, status, waiting) =>
    run(
      `insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, parameters, route, created_at, completed_at)
       select gen_random_uuid(), u.id, ?, ?, 'a landscape', '', 'text-to-image', 1, '{}', 'route-' || n % ${ROUTES.length},
         now() - n * interval '1 s', case when ? then null else now() end
       from generate_series(1, ?) n join (select id, row_number() over () - 1 as nth from users) u on u.nth = n % ?`,
      [status, waiting, waiting, count, users],
    );
  await insert(size.finished, 'COMPLETED', false);
  await insert(queued, 'PENDING', true);
  await run(`update turns set at = now() - random() * interval '1 hour'`);
  await run('analyze');
}

/** Measures the first page with its queue positions over HTTP, and the smallest query for comparison. */
async function pages() {
  const config = readConfig({
    PORT: '0',
    DATA_DIR: join(folder, 'app'),
    DATABASE_URL: postgres.url,
    // No ComfyUI listens there, so that no job is claimed meanwhile.
    COMFYUI_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'silent',
  });
  const app = await startApp(config, logger);
  const ask = async (query, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  try {
    const { signUp } = await ask(
      'mutation { signUp(input: { email: "bench@example.com", password: "correct horse battery" }) { accessToken user { id } } }',
    );
    const orm = await openDatabase(postgres.url);
    await orm.em
      .fork()
      .execute(
        `update generations set user_id = ? where id in (select id from generations where waiting order by random() limit 20)`,
        [signUp.user.id],
      );
    await orm.close();
    const page =
      '{ generations(first: 20) { nodes { id status prompt queuePosition model { name } createdAt } pageInfo { hasNextPage } } }';
    const bare = await times(() => ask('{ __typename }', signUp.accessToken));
    const first = await times(() => ask(page, signUp.accessToken));
    return { bare, first };
  } finally {
    await app.close();
  }
}

/** Returns the sorted durations of each, in milliseconds. Every second run releases what the run before claimed. */
async function times(act, samples = size.samples, tidy = undefined) {
  const taken = [];
  for (let nth = 0; nth < samples + 20; nth += 1) {
    if (tidy && nth % 2 === 0) await tidy();
    const start = performance.now();
    await act(nth);
    // The first runs fill the caches.
    if (nth >= 20) taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b);
}

function print({ short, long }) {
  const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  const line = (name, sorted, bare, before) => {
    const [p50, p95] = [at(sorted, 0.5), at(sorted, 0.95)];
    const times = (other) => (other ? `${(p50 / at(other, 0.5)).toFixed(1)}x` : '-');
    console.log(
      [
        name.padEnd(34),
        p50.toFixed(2).padStart(9),
        p95.toFixed(2).padStart(9),
        times(bare).padStart(12),
        times(before).padStart(14),
      ].join(''),
    );
  };
  console.log(
    `${size.queued} queued of ${size.users} users, ${size.finished} finished; the short queue has 100 of 10\n`,
  );
  console.log(`${''.padEnd(34)}   p50 ms   p95 ms   to the bare  to the short`);
  line('bare transaction', long.bare, undefined, short.bare);
  line('claim', long.claim, long.bare, short.claim);
  line('choosing a backend, and claim', long.dispatch, long.bare, short.dispatch);
  line('queuePosition of 20', long.positions, long.bare, short.positions);
  line('bare query over HTTP', long.page.bare);
  line('first page of 20, with positions', long.page.first, long.page.bare);
}
