/**
 * Starts one PostgreSQL for all test files, with a migrated template database. Prepares a second one, stopped and migrated, which tests copy
 * into the DATA_DIR of servers that start their own.
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
import { claimFolder, PREFIX, removeLeftovers } from './leftovers.js';

const logger = pino({ level: 'warn' });
/** The data need not survive a crash. */
const NOT_DURABLE = ['fsync', 'synchronous_commit', 'full_page_writes'];
const MAX_CONNECTIONS = 300;
/** Linux keeps these files in memory; a disk would make the tests slower. */
const MEMORY = '/dev/shm';
/** A whole run writes less than half of it. */
const ENOUGH_BYTES = 4 * 2 ** 30;
/** Checking a password costs more than most statements. Only one database requires it. */
const WHO_MAY_CONNECT = `host guarded all 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`;

export default async function setUp() {
  const parent = (await hasMemory()) ? MEMORY : tmpdir();
  await removeLeftovers(parent);
  const folder = await mkdtemp(join(parent, PREFIX));
  await claimFolder(folder);
  const prepared = join(folder, 'prepared');
  // The unprivileged user that runs PostgreSQL must be able to enter the folders.
  await chmod(folder, 0o755);
  await mkdir(prepared, 0o755);
  // For the tests and their processes: killed processes leave files behind.
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
    // Killed processes may still write.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
}

async function hasMemory() {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return Math.min(bavail * bsize, freemem()) > ENOUGH_BYTES;
}

/** Fills the compile cache for spawned servers: a server with an invalid configuration exits after loading all modules. */
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
    // A write to the template would appear in every copy.
    'alter database comfygraph with allow_connections false',
  );

async function query(url, ...statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
