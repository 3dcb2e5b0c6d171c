/**
 * One PostgreSQL for all test files, with a migrated database that each copies. A second one, stopped and migrated as well, is there to be
 * copied into the DATA_DIR of servers that start their own.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { startEmbeddedPostgres } from '../../dist/db/embedded/embedded-postgres.js';
import { migrate } from '../../dist/db/migrate.js';
import { openDatabase } from '../../dist/orm.js';
import { copyFolder } from '../support/copy-folder.js';

const logger = pino({ level: 'warn' });
/** Nothing of it has to survive the machine. */
const NOT_DURABLE = ['fsync', 'synchronous_commit', 'full_page_writes'];
const MAX_CONNECTIONS = 300;
/** Where Linux keeps files in memory. What the tests write is read once or never: a disk would only make them slower. */
const MEMORY = '/dev/shm';
/** The whole run writes less than half of it. */
const ENOUGH_BYTES = 4 * 2 ** 30;
/** Judging a password costs more than most statements. For one database it is still judged. */
const WHO_MAY_CONNECT = `host guarded all 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`;

export default async function setUp() {
  const folder = await mkdtemp(join((await hasMemory()) ? MEMORY : tmpdir(), 'comfygraph-tests-'));
  const prepared = join(folder, 'prepared');
  // The user that root runs PostgreSQL as has to be able to enter them.
  await chmod(folder, 0o755);
  await mkdir(prepared, 0o755);
  // For the tests, and for all that they start: what is killed leaves files behind.
  process.env.TMPDIR = join(folder, 'tmp');
  await mkdir(process.env.TMPDIR);
  await chmod(process.env.TMPDIR, 0o1777);
  process.env.TEST_COMPILE_CACHE = join(folder, 'compiled');
  await Promise.all([prepare(prepared), compileServer()]);
  process.env.TEST_PREPARED_DATA_DIR = prepared;

  const shared = join(folder, 'shared');
  await copyFolder(prepared, shared);
  await writeFile(join(shared, 'postgres', 'data', 'pg_hba.conf'), WHO_MAY_CONNECT);
  const postgres = await startEmbeddedPostgres(shared, logger);
  await configure(postgres.url.replace('/comfygraph?', '/postgres?'));
  process.env.TEST_DATABASE_URL = postgres.url;
  globalThis.tearDownPostgres = async () => {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  };
}

async function hasMemory() {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return Math.min(bavail * bsize, freemem()) > ENOUGH_BYTES;
}

/** For the servers that tests spawn: one that ends at once, over its configuration, has loaded all of its modules. */
async function compileServer() {
  const { TEST_COMPILE_CACHE: NODE_COMPILE_CACHE } = process.env;
  await mkdir(NODE_COMPILE_CACHE);
  // Some servers run as another user.
  await chmod(NODE_COMPILE_CACHE, 0o777);
  await new Promise((settle) =>
    execFile(process.execPath, ['dist/main.js'], { env: { NODE_COMPILE_CACHE, PORT: 'none' } }, settle),
  );
}

async function prepare(dataDir) {
  const postgres = await startEmbeddedPostgres(dataDir, logger);
  const orm = await openDatabase(postgres.url);
  await migrate(orm, logger);
  await orm.close();
  await query(postgres.url, `alter system set max_connections = ${MAX_CONNECTIONS}`);
  await postgres.close();
}

const configure = (url) =>
  query(
    url,
    ...NOT_DURABLE.map((name) => `alter system set ${name} = off`),
    'select pg_reload_conf()',
    // What somebody wrote into it, all that are copied from it would have.
    'alter database comfygraph with allow_connections false',
  );

async function query(url, ...statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
