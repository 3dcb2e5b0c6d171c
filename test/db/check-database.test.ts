/**
 * A database that cannot be used ends the start with one sentence and the remedy; every usual form of DATABASE_URL works.
 *
 * @slow: starts connections that time out.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateDatabaseUrl } from '../../src/db/database-url.js';
import { StartError } from '../../src/process/start-error.js';
import { startConfigured } from '../support/app.js';
import { signUp } from '../support/client.js';
import { createEmptyDatabase, type TestDatabase, urlOf } from '../support/database.js';
import { createRole, type TestRole } from '../support/role.js';

let database: TestDatabase;
let role: TestRole;
let name: string;
let folder: string;
const servers: Server[] = [];
beforeEach(async () => {
  database = await createEmptyDatabase();
  role = await createRole(database);
  name = new URL(database.url).pathname.slice(1);
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-reach-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await role.drop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const start = (url = role.url) =>
  startConfigured({ PORT: '0', DATA_DIR: folder, DATABASE_URL: url, LOG_LEVEL: 'silent' });

async function refusal(url = role.url): Promise<string> {
  const error = await start(url).then(
    async (app) => {
      await app.close();
      return undefined;
    },
    (reason) => reason as Error,
  );
  expect(error).toBeInstanceOf(StartError);
  expect(error?.message).not.toMatch(/\n|secret| at /);
  return String(error?.message);
}

function withQuery(url: string, key: string, value: string): string {
  const changed = new URL(url);
  changed.searchParams.set(key, value);
  return changed.href;
}

const asSuperuser = (statement: string) => database.query(statement.replaceAll('$role', role.name));

describe('a database is refused with the remedy', () => {
  test('if the role may not create tables in its schema', async () => {
    await asSuperuser(`alter database ${name} owner to current_user`);
    expect(await refusal()).toMatch(/permission denied for schema public: grant create on schema public/);
  });

  test('if the role may only read', async () => {
    await (await start(database.url)).close();
    await asSuperuser('grant pg_read_all_data to $role');
    expect(await refusal()).toMatch(/permission denied for .*: .*(own|grant)/);
  });

  test('if no schema of search_path exists', async () => {
    await asSuperuser('alter role $role set search_path = missing');
    expect(await refusal()).toMatch(/search_path \(missing\) exists: alter role "role_\w+" set search_path = public/);
  });

  test('if search_path is empty', async () => {
    await asSuperuser(`alter role $role set search_path = ''`);
    expect(await refusal()).toMatch(/search_path .*: alter role "role_\w+" set search_path = public/);
  });

  test('if the role is read-only', async () => {
    await asSuperuser('alter role $role set default_transaction_read_only = on');
    expect(await refusal()).toMatch(/read-only for this role: .*default_transaction_read_only = off/);
  });

  test('if it is a standby', async () => {
    await asSuperuser(`create function public.pg_is_in_recovery() returns bool language sql return true`);
    await asSuperuser('alter role $role set search_path = public, pg_catalog');
    expect(await refusal()).toMatch(/it is a standby and accepts no writes: name the primary/);
  });

  test.each(['LATIN1', 'SQL_ASCII'])('if its encoding is %s', async (encoding) => {
    const other = `${name}_other`;
    await database.query(
      `create database ${other} encoding '${encoding}' locale_provider libc locale 'C' template template0 owner ${role.name}`,
    );
    try {
      expect(await refusal(role.url.replace(name, other))).toMatch(
        new RegExp(`its encoding is ${encoding} and must be UTF8: create database`),
      );
    } finally {
      await database.query(`drop database ${other} with (force)`);
    }
  });

  test('if it does not exist', async () => {
    expect(await refusal(role.url.replace(name, 'missing'))).toMatch(/"missing" does not exist .*: create it/);
  });

  test('if it has no TLS and the URL requires it', async () => {
    expect(await refusal(withQuery(role.url, 'sslmode', 'verify-full'))).toMatch(
      /does not support SSL.*: add \?sslmode=disable/,
    );
  });

  test('if its Unix socket does not exist', async () => {
    const url = new URL(role.url);
    expect(await refusal(`postgres://${url.username}@/${name}?host=${folder}`)).toMatch(
      /there is no socket in that folder/,
    );
  });
});

test('a role that owns its database, as hosting providers grant, suffices', async () => {
  const app = await start();
  try {
    await signUp(app.url);
  } finally {
    await app.close();
  }
});

/** A proxy in front of the shared PostgreSQL that rejects the start-up parameters that PgBouncer rejects. */
function listenBefore(where: string | number): Promise<Server> {
  const { port, hostname } = new URL(urlOf('postgres'));
  const server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (startup) => {
      const words = startup.subarray(8).toString().split('\0');
      const refused = words.filter((_, nth) => nth % 2 === 0).find((word) => word && !KNOWN.includes(word));
      if (refused) return void client.end(errorResponse('08P01', `unsupported startup parameter: ${refused}`));
      const far = connect(Number(port), hostname);
      far.on('error', () => client.destroy());
      far.write(startup);
      far.pipe(client).pipe(far);
    });
  });
  servers.push(server);
  return new Promise((resolve) => server.listen(where, () => resolve(server)));
}
const KNOWN = ['user', 'database', 'client_encoding', 'application_name', 'datestyle', 'timezone'];

function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

test('the server starts behind PgBouncer; start-up parameters in the URL are refused with the remedy', async () => {
  const pooler = await listenBefore(0);
  const url = new URL(role.url);
  url.port = String((pooler.address() as { port: number }).port);
  url.hostname = '127.0.0.1';
  await (await start(url.href)).close();
  expect(await refusal(withQuery(url.href, 'options', '-c search_path=public'))).toMatch(
    /unsupported startup parameter: options .*: PgBouncer: add the parameter to its ignore_startup_parameters, or take it out/,
  );
});

test.each([
  ['host in the query', (user: string, path: string) => `postgres://${user}:secret@/${path}`],
  ['no authority', (user: string, path: string) => `postgresql:///${path}&user=${user}&password=secret`],
])('a Unix socket works: %s', async (_, urlFor) => {
  await listenBefore(join(folder, '.s.PGSQL.5432'));
  await (await start(urlFor(role.name, `${name}?host=${encodeURIComponent(folder)}`))).close();
});

test('a Unix socket works: its folder as an encoded host', async () => {
  await listenBefore(join(folder, '.s.PGSQL.5432'));
  await (await start(`postgres://${role.name}:secret@${encodeURIComponent(folder)}/${name}`)).close();
});

test.each([
  ['host=/tmp dbname=x', 'is a list of keywords'],
  ['jdbc:postgresql://h/db', 'must not begin with "jdbc:"'],
  ['postgresql+asyncpg://h/db', 'without the name of a driver'],
  ['postgres://u:p#x@h/db', 'special characters of the password encoded'],
  ['postgres://u:p/x@h/db', 'special characters of the password encoded'],
  ['postgres://a:1,b:2/db', 'several hosts'],
  ['postgres://a,b/db', 'several hosts'],
  ['"postgres://h/db"', 'must look like'],
  ['/var/run/postgresql db', 'must look like'],
  ['postgres://h/db?sslmode=verify-full&sslrootcert=/missing.pem', 'names a file that cannot be read'],
])('%s is refused: %s', (url, words) => {
  expect(validateDatabaseUrl(url)).toContain(words);
});

test.each([
  'postgres://u:p@h:5433/db',
  'postgresql://u:p%40@[::1]/db?sslmode=disable',
  'POSTGRES://h/db',
  'postgres://u@/db?host=/run/postgresql',
  'postgres:///db',
])('%s is valid', (url) => {
  expect(validateDatabaseUrl(url)).toBeUndefined();
});
