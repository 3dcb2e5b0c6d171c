/** The clock of the server, of PostgreSQL, or of both steps by an hour: work continues, and nothing is lost. */
import { becomes, comesToRest, create, finishes, occupy } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { giveClock, setDatabaseClock, setProcessClock } from '../support/clock.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { createRole, type TestRole } from '../support/role.js';

const HOUR_MS = 3_600_000;
const READ = '{ viewer { id } }';
const REFRESH = 'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }';

let database: TestDatabase;
let role: TestRole;
let app: TestApp;
beforeAll(async () => {
  database = await createEmptyDatabase();
  role = await createRole(database);
  await giveClock(database, role.name);
  const started = await startTestApp({
    env: { DATABASE_URL: role.url, MAX_CREATED_PER_MINUTE: '5' },
    timings: { sweepIntervalMs: 50, recheckIntervalMs: 100 },
  });
  // Replaces the app's default database.
  app = { ...started, database };
});
afterEach(async () => {
  app.simulator.heal();
  app.simulator.release();
  setProcessClock(0);
  await setDatabaseClock(database, 0);
  await comesToRest(app);
});
afterAll(async () => {
  await app.close();
  await role.drop();
  await database.drop();
});

async function step(clock: string, byMs: number): Promise<void> {
  if (clock !== 'PostgreSQL’s') setProcessClock(byMs);
  if (clock !== 'the server’s') await setDatabaseClock(database, byMs);
}

/** @returns a client with the current token, or with a fresh one if it has expired */
async function stillSignedIn(user: Client & { id: string; refreshToken: string }): Promise<Client> {
  const { data, errors } = await user.ask(READ);
  if (!errors) {
    expect(data.viewer).toEqual({ id: user.id });
    return user;
  }
  expect(errors[0]?.message).toMatch(/expired/i);
  const { refreshSession } = (await clientOf(app.url).ask(REFRESH, { token: user.refreshToken })).data;
  return clientOf(app.url, refreshSession.accessToken);
}

describe.each(['the server’s', 'PostgreSQL’s', 'both'])('%s clock', (clock) => {
  test.each([
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ])('steps %s by an hour: work continues, credentials stay valid, and rate limits recover', async (_, byMs) => {
    const user = await signUp(app.url);
    app.simulator.hold();
    const [runs, isNext] = await occupy(app, user);
    const waits = await create(user);
    await create(user);
    await create(user);
    expect(
      (await user.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }')).errors?.[0]?.extensions.code,
    ).toBe('RATE_LIMITED');
    await step(clock, byMs);
    app.simulator.release();
    const client = await stillSignedIn(user);
    for (const { id } of [runs, isNext, waits])
      expect(await finishes(client, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    // Rate limits use PostgreSQL's clock only; a step resets them.
    if (clock !== 'the server’s') await becomes(client, (await create(client)).id, 'COMPLETED');
  });
});

test('a token issued by a server with a clock ahead is valid', async () => {
  setProcessClock(HOUR_MS);
  const ahead = await signUp(app.url);
  setProcessClock(0);
  expect((await ahead.ask(READ)).errors).toBeUndefined();
});

test('a scheduled generation does not wait until a clock that was set back has caught up', async () => {
  const user = await signUp(app.url);
  app.simulator.hold();
  await occupy(app, user);
  const waits = await create(user);
  await database.query(`update generations set run_after = pg_catalog.now() + interval '1 h' where id = $1`, [
    waits.id,
  ]);
  await setDatabaseClock(database, -HOUR_MS);
  app.simulator.release();
  expect((await finishes(user, waits.id)).status).toBe('COMPLETED');
});
