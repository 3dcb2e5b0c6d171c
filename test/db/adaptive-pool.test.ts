/** Few PostgreSQL connections: requests wait for a free one, and none fails. */
import { create, finishes } from '../generations/support.js';
import { startTestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { Log } from '../support/log.js';
import { createRole, type TestRole } from '../support/role.js';
import { lockTable } from '../support/table-lock.js';
import { until } from '../support/until.js';

const READ = 'query { generations(first: 5) { nodes { id } totalCount } viewer { email } backends { state } }';
const REFUSAL =
  'PostgreSQL has no more connections; requests wait for a free one. Lower DATABASE_POOL_SIZE or raise max_connections';

let database: TestDatabase;
let role: TestRole;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(async () => {
  await role.drop();
  await database.drop();
});

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { ...((await response.json()) as { reason?: string }), status: response.status };
};

/** Sends more concurrent requests than any limit below. */
async function expectAllAnswered(client: Client): Promise<void> {
  const reads = Array.from({ length: 16 }, () => client.ask(READ));
  const creations = Array.from({ length: 4 }, () => create(client));
  for (const answer of await Promise.all(reads)) expect(answer.errors).toBeUndefined();
  const ends = await Promise.all((await Promise.all(creations)).map(({ id }) => finishes(client, id)));
  expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 'COMPLETED'));
}

test('when PostgreSQL refuses more connections, requests wait, and the log and /readyz report it', async () => {
  // More than one server opens at its start, while those that it has closed there may still count.
  role = await createRole(database, 'connection limit 10');
  const log = new Log();
  const app = await startTestApp({
    env: { DATABASE_URL: role.url, DATABASE_POOL_SIZE: '30', LOG_LEVEL: 'info' },
    log,
    timings: { poolGrowIntervalMs: 60_000 },
  });
  const another = await app.startAnother();
  try {
    const client = await signUp(app.url);
    // No request releases its connection before PostgreSQL has refused both servers another one.
    const lock = await lockTable(database.url, 'generations');
    const answered = Promise.all([expectAllAnswered(client), expectAllAnswered(clientOf(another.url, client.token))]);
    try {
      await until(() => log.lines.filter(({ msg }) => msg === REFUSAL).length === 2, 'both to be refused');
    } finally {
      await lock.open();
    }
    await answered;
    expect(await log.line({ msg: REFUSAL })).toMatchObject({ level: 40, configured: 30 });
    for (const { url } of [app, another])
      expect(await readiness(url)).toEqual({
        status: 200,
        reason: expect.stringMatching(/^PostgreSQL has no more connections: requests share \d of 30$/),
      });
    expect(log.lines.filter(({ level }) => level >= 50)).toEqual([]);
  } finally {
    await another.close();
    await app.close();
  }
});

test('once PostgreSQL has free connections the pool grows, and /readyz reports no problem', async () => {
  role = await createRole(database, 'connection limit 3');
  const log = new Log();
  const app = await startTestApp({
    env: { DATABASE_URL: role.url, LOG_LEVEL: 'info' },
    log,
    timings: { poolGrowIntervalMs: 100 },
  });
  try {
    const client = await signUp(app.url);
    // No request gives its connection back before the server has been refused more.
    const lock = await lockTable(database.url, 'generations');
    const answered = expectAllAnswered(client);
    try {
      await log.line({ msg: REFUSAL });
    } finally {
      await lock.open();
    }
    await answered;
    await database.query(`alter role ${role.name} connection limit -1`);
    await until(async () => {
      await Promise.all(Array.from({ length: 20 }, () => client.ask(READ)));
      return (await readiness(app.url)).reason === undefined;
    }, '/readyz to report no problem');
  } finally {
    await app.close();
  }
});

test('a server opens no more connections than its pool plus one, and a pool of two suffices', async () => {
  role = await createRole(database);
  const app = await startTestApp({ env: { DATABASE_URL: role.url, DATABASE_POOL_SIZE: '2' } });
  try {
    const client = await signUp(app.url);
    let most = 0;
    const counting = new AbortController();
    const count = async () => {
      while (!counting.signal.aborted) {
        const [row] = await database.query<{ count: number }>(
          'select count(*)::int from pg_stat_activity where usename = $1',
          [role.name],
        );
        most = Math.max(most, row?.count ?? 0);
      }
    };
    const counted = count();
    await expectAllAnswered(client);
    counting.abort();
    await counted;
    expect(most).toBe(3);
  } finally {
    await app.close();
  }
});
