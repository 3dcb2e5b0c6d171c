/** A step of PostgreSQL's clock is no time that a backend has been offline. */
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, create, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { giveClock, setDatabaseClock } from '../support/clock.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { createRole, type TestRole } from '../support/role.js';
import { cut, executedBy, homeOf, isCheckedAgain, isSeen, OFTEN } from './pool.js';

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let role: TestRole;
let app: TestApp;
let alice: Client;
beforeAll(async () => {
  database = await createEmptyDatabase();
  role = await createRole(database);
  await giveClock(database, role.name);
  const started = await startTestApp({ simulator: [{}, {}], env: { DATABASE_URL: role.url }, timings: OFTEN });
  // Replaces the app's default database.
  app = { ...started, database };
  alice = await signUp(app.url);
  await allOnline(alice);
});
afterAll(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
  await role.drop();
  await database.drop();
});

test('a backend that is away for a moment keeps its jobs when PostgreSQL’s clock steps forward by an hour', async () => {
  for (const simulator of app.simulators) simulator.hold();
  const { id } = await create(alice);
  const [home, other] = (await homeOf(app, id)) as [Simulator, Simulator];
  const comesBack = cut(home);
  await isSeen(app, alice, home, 'OFFLINE');
  await setDatabaseClock(database, HOUR_MS);
  // Longer than the search for jobs that can run elsewhere takes.
  await isCheckedAgain(app, alice, other, 6);
  expect(await sql(app, 'select abandoned_at from prompts')).toEqual([{ abandoned_at: null }]);
  comesBack();
  for (const simulator of app.simulators) simulator.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  expect((await executedBy(app, id)).toSorted()).toEqual([0, 1]);
});
