/** One PostgreSQL for the whole run, on disk and durable (fsync is on), with one database for each measurement. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { startEmbeddedPostgres } from '../../../dist/db/embedded/embedded-postgres.js';
import { closeAtEnd } from '../process/closers.mjs';

const ENTERABLE = 0o755;
const CONNECTIONS = 300;
/** Starts with the first database. */
let starting;

/** A temporary folder that is removed at the end. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'comfygraph-bench-'));
  closeAtEnd(() => rm(folder, { recursive: true, force: true }));
  // PostgreSQL runs as another user if root starts it.
  await chmod(folder, ENTERABLE);
  return folder;
}

/** @returns the address of a new empty database, and a pool of few connections to it */
export async function createDatabase() {
  starting ??= start();
  const { admin, address } = await starting;
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`create database ${name}`);
  const url = new URL(address);
  url.pathname = name;
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  // Ends when the database is dropped.
  pool.on('error', () => {});
  closeAtEnd(() => pool.end());
  const drop = () => admin.query(`drop database if exists ${name} with (force)`);
  return { url: url.href, query: (sql, parameters) => pool.query(sql, parameters), drop };
}

/** The version, and whether a commit waits for the disk. */
export async function describePostgres() {
  starting ??= start();
  const { admin } = await starting;
  const show = async (setting) => (await admin.query(`show ${setting}`)).rows[0][setting];
  return { version: (await show('server_version')).split(' ')[0], fsync: await show('fsync') };
}

async function start() {
  const folder = await temporaryFolder();
  const logger = pino({ level: 'error' });
  const configured = await startEmbeddedPostgres(folder, logger);
  const first = new pg.Client({ connectionString: configured.url });
  await first.connect();
  await first.query(`alter system set max_connections = ${CONNECTIONS}`);
  await first.end();
  await configured.close();
  const postgres = await startEmbeddedPostgres(folder, logger);
  closeAtEnd(() => postgres.close());
  const admin = new pg.Pool({ connectionString: postgres.url, max: 2 });
  closeAtEnd(() => admin.end());
  return { admin, address: postgres.url };
}
