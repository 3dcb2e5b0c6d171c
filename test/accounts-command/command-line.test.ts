/** `npm run accounts`. */
import { runAccounts } from '../../src/accounts-command/command-line.js';
import { codeOf, isAccepted, PASSWORD, signIn, trySignIn, watch } from '../accounts/support.js';
import { signUp } from '../support/client.js';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { Processes, postgresOf } from '../support/process.js';

const processes = new Processes();
const databases: TestDatabase[] = [];
afterEach(async () => {
  await processes.end();
  for (const database of databases.splice(0)) await database.drop();
});

async function run(env: Record<string, string>, ...values: string[]): Promise<{ code: number; logs: string }> {
  let logs = '';
  const write = (text: string) => {
    logs += text;
  };
  return { code: await runAccounts(values, { env, out: write, err: write }), logs };
}

async function newDatabase(create = createDatabase): Promise<Record<string, string>> {
  const database = await create();
  databases.push(database);
  return { DATABASE_URL: database.url };
}

test('a running server applies the changes of the command line', async () => {
  const env = await newDatabase();
  const { url } = await processes.startServerHere({ env, timings: { credentialCheckIntervalMs: 100 } });
  const [boss, alice] = [await signUp(url), await signUp(url)];
  expect((await run(env, 'list')).logs).toMatch(
    new RegExp(`^${boss.email} +ADMIN +\\d{4}-\\d\\d-\\d\\d +enabled\\n${alice.email} +USER +\\S+ +enabled\\n$`),
  );

  const socket = await watch(url, String(alice.token));
  expect(await run(env, 'set-password', alice.email.toUpperCase(), 'another horse battery')).toMatchObject({ code: 0 });
  expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(codeOf(await trySignIn(url, alice.email))).toBe('INVALID_CREDENTIALS');
  const { token } = await signIn(url, alice.email, 'another horse battery');

  expect(await run(env, 'set-role', alice.email, 'admin')).toMatchObject({ code: 0 });
  expect(await run(env, 'set-role', boss.email, 'USER')).toMatchObject({ code: 0 });
  expect(codeOf(await boss.ask('{ users { totalCount } }'))).toBe('FORBIDDEN');

  expect(await run(env, 'disable', alice.email)).toMatchObject({ code: 0 });
  expect(await isAccepted(url, token)).toBe(false);
  expect((await run(env, 'list')).logs).toContain('disabled');
  expect(await run(env, 'enable', alice.email)).toMatchObject({ code: 0 });
  expect((await trySignIn(url, alice.email, 'another horse battery')).errors).toBeUndefined();

  expect(await run(env, 'delete', boss.email)).toMatchObject({ code: 0 });
  expect(await isAccepted(url, String(boss.token))).toBe(false);
  expect(codeOf(await trySignIn(url, boss.email, PASSWORD))).toBe('INVALID_CREDENTIALS');
});

test.each<[claim: string, values: string[], message: string]>([
  ['an unknown address', ['delete', 'nobody@example.com'], 'No account has the address nobody@example.com'],
  ['an unknown command', ['remove', 'a@example.com'], 'Unknown command remove'],
  ['a missing address', ['disable'], 'npm run accounts -- disable <email>'],
])('%s is reported without a stack trace', async (_, values, message) => {
  const { code, logs } = await run(await newDatabase(), ...values);
  expect(code).toBe(1);
  expect(logs).toContain(message);
  expect(logs).not.toContain('    at ');
});

test('an invalid role and a short password change nothing', async () => {
  const env = await newDatabase();
  const { url } = await processes.startServerHere({ env });
  const { email } = await signUp(url);
  expect((await run(env, 'set-role', email, 'king')).logs).toBe('The role must be USER or ADMIN\n');
  expect((await run(env, 'set-password', email, 'short')).logs).toBe(
    'A password must have 8 to 128 characters, not 5\n',
  );
  expect((await trySignIn(url, email)).errors).toBeUndefined();
});

test('set-password reads the password from standard input, which is empty here', async () => {
  const env = await newDatabase();
  const { url } = await processes.startServerHere({ env });
  const { email } = await signUp(url);
  const command = processes.spawn(['dist/accounts-command/main.js', 'set-password', email], { env });
  expect((await command.ended).code).toBe(1);
  expect(command.logs).toBe('A password must have 8 to 128 characters, not 0\n');
});

test('a database without tables is reported without a stack trace', async () => {
  const { code, logs } = await run(await newDatabase(createEmptyDatabase), 'list');
  expect(code).toBe(1);
  expect(logs).toBe('The database is older than this version of ComfyGraph: start the server once to migrate it\n');
});

test('the command uses the embedded PostgreSQL of a running server, and otherwise starts and stops it', async () => {
  const server = await processes.startServerHere();
  const { email } = await signUp(server.url);
  const env = { DATA_DIR: server.dataDir };
  expect((await run(env, 'list')).logs).toContain(email);
  expect(postgresOf(server)).toBeDefined();
  await server.close();
  expect((await run(env, 'set-password', email, 'another horse battery')).code).toBe(0);
  expect(postgresOf(server)).toBeUndefined();
  const { url } = await processes.startServerHere({ env });
  expect((await trySignIn(url, email, 'another horse battery')).errors).toBeUndefined();
});

test('a DATA_DIR without a database is reported, and stays without one', async () => {
  const { code, logs } = await run({ DATA_DIR: await processes.newDataDir() }, 'list');
  expect(code).toBe(1);
  expect(logs).toMatch(/holds no database yet: start the server first\n$/);
});
