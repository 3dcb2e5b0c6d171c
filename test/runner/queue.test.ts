/** `queue`: an admin sees whose generations wait and run, in the order of their turns, and nothing of what they are. */
import { readQueue } from '../../src/runner/queue.js';
import { cancel, codeOf, comesToRest, create, dataOf, occupy, reaches, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { rowsRead } from '../support/rows-read.js';
import { until } from '../support/until.js';

let app: TestApp;
let admin: Client;
beforeAll(async () => {
  app = await startTestApp();
  admin = await signUp(app.url, ADMIN_EMAIL);
});
beforeEach(() => app.simulator.hold());
afterEach(async () => {
  app.simulator.heal();
  await sql(app, `update generations set status = 'CANCELED', waiting = false where waiting`);
  await comesToRest(app);
});
afterAll(() => app?.close());

type Entry = { user: { email: string }; waiting: number; running: number; waitingSince: string | null };
const QUEUE = '{ queue { user { email } waiting running waitingSince } }';

const queue = async (): Promise<Entry[]> => (await dataOf(admin.ask(QUEUE))).queue;

/** Each user as `email: waiting, running`. */
const countsOf = (entries: Entry[]): string[] =>
  entries.map(({ user, waiting, running }) => `${user.email}: ${waiting}, ${running}`);

const someUsers = () => Promise.all([signUp(app.url), signUp(app.url), signUp(app.url)]);
const createdAt = async (client: Client, id: string): Promise<string> =>
  (await dataOf(client.ask(`{ generation(id: "${id}") { createdAt } }`))).generation.createdAt;

test('users are listed in the order of their turns, with what waits and runs, and since when they wait', async () => {
  const [alice, bob, carol] = await someUsers();
  await occupy(app, alice);
  const hers = await create(alice);
  const older = await create(bob, { priority: -1 });
  await create(bob, { priority: 5 });
  const last = await create(carol);
  const entries = await queue();
  expect(countsOf(entries)).toEqual([`${bob.email}: 2, 0`, `${carol.email}: 1, 0`, `${alice.email}: 1, 2`]);
  expect(entries.map(({ waitingSince }) => waitingSince)).toEqual([
    await createdAt(bob, older.id),
    await createdAt(carol, last.id),
    await createdAt(alice, hers.id),
  ]);
});

test('users with nothing waiting are last, although they were served longer ago', async () => {
  const [alice, bob] = await someUsers();
  await reaches(app, (await create(alice)).id, 'running');
  await reaches(app, (await create(bob)).id, 'pending');
  await create(bob);
  const entries = await queue();
  expect(countsOf(entries)).toEqual([`${bob.email}: 1, 1`, `${alice.email}: 0, 1`]);
  expect(entries[1]?.waitingSince).toBeNull();
});

test('a user leaves the list when everything is canceled or completed, and an empty list is empty', async () => {
  const [alice, bob] = await someUsers();
  await occupy(app, alice);
  const { id } = await create(bob);
  await cancel(bob, id);
  expect(countsOf(await queue())).toEqual([`${alice.email}: 0, 2`]);
  app.simulator.release();
  await until(async () => (await queue()).length === 0, 'the queue to be empty');
});

test('a deleted account is not listed, although its prompts may still run', async () => {
  const [alice] = await someUsers();
  await occupy(app, alice);
  await create(alice);
  await dataOf(alice.ask('mutation { deleteAccount(password: "correct horse battery") }'));
  expect(await queue()).toEqual([]);
});

test('only admins see the queue, also with an API key', async () => {
  const [alice] = await someUsers();
  const keyOf = async (client: Client) =>
    clientOf(
      app.url,
      (await dataOf(client.ask('mutation { createApiKey(input: { name: "x" }) { secret } }'))).createApiKey.secret,
    );
  expect(await codeOf(clientOf(app.url).ask(QUEUE))).toBe('UNAUTHENTICATED');
  for (const client of [alice, await keyOf(alice)]) expect(await codeOf(client.ask(QUEUE))).toBe('FORBIDDEN');
  expect(await dataOf((await keyOf(admin)).ask(QUEUE))).toEqual({ queue: [] });
});

test('the first 100 users are listed, and a few of the generations that wait are read, however many there are', async () => {
  const [alice, bob] = await someUsers();
  await occupy(app, bob);
  const { id } = await create(alice);
  const copy = `select (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(), 'user_id', u.id, 'rank', n % 3))).*`;
  await sql(
    app,
    `insert into users (id, email, password_hash, role) select gen_random_uuid(), 'crowd ' || n, '', 'USER' from generate_series(1, 110) n`,
  );
  for (const [each, users] of [
    [1_000, `u.id = '${alice.id}'`],
    [1, `u.email like 'crowd %'`],
  ])
    await sql(
      app,
      `insert into generations ${copy} from generations g, users u, generate_series(1, ${each}) n where g.id = '${id}' and ${users}`,
    );
  await sql(app, 'analyze');
  const entries = await queue();
  expect(entries).toHaveLength(100);
  expect(countsOf(entries)[0]).toBe(`${alice.email}: 1001, 0`);

  const statements: string[] = [];
  const execute = async <Rows extends object[]>(statement: string) => {
    statements.push(statement);
    return [] as object[] as Rows;
  };
  await readQueue({ execute });
  const [statement = ''] = statements;
  expect(statements).toHaveLength(1);
  // Three priorities of one user, and one generation of each other.
  expect(await rowsRead(app.database, 'generations', statement)).toBeLessThan(110);
});
