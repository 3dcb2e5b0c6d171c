/**
 * The embedded PostgreSQL, under DATA_DIR. It runs detached, so that neither Ctrl+C nor the death of the server interrupts its writes; the
 * next start uses the running one. The server stops it last.
 */
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { loadOrCreateSecret } from '../../process/secret.js';
import { StartError } from '../../process/start-error.js';
import { TIMINGS, type Timings } from '../../process/timings.js';
import { recordDataLocation } from './data-location.js';
import { initialise, isInitialised, removeIncomplete } from './initialise.js';
import { type PostgresHome, preparePostgresHome } from './postgres-home.js';
import { findPostmaster, startPostmaster, stopPostmaster } from './postmaster.js';
import { repairRestored } from './repair-restored.js';

export const USER = 'comfygraph';
const DATABASE = 'comfygraph';
/** The only advisory lock in the `postgres` database. */
const LOCK = 1;
const LOCK_INTERVAL_MS = 100;
/** PostgreSQL may stop this many times in a row while we connect. */
const ATTACH_ATTEMPTS = 10;
const ATTACH_RETRY_MS = 500;

/** @throws StartError if another server uses the same DATA_DIR, or PostgreSQL does not start */
export async function startEmbeddedPostgres(
  dataDir: string,
  logger: Logger,
  { dataDirTimeoutMs }: Timings = TIMINGS,
): Promise<EmbeddedPostgres> {
  const home = await preparePostgresHome(dataDir, logger);
  await repairRestored(home);
  const password = await loadOrCreateSecret(join(home.folder, 'password'));
  await initialise(home, USER, password);
  await recordDataLocation(resolve(dataDir, 'postgres'), home.folder);
  const postgres = new EmbeddedPostgres(home, password, dataDir, dataDirTimeoutMs, logger);
  await postgres.open();
  return postgres;
}

/**
 * Uses the running PostgreSQL of DATA_DIR and leaves it running, or starts one that `close` stops. For commands beside the server.
 * @throws StartError if no server was ever started with this DATA_DIR
 */
export async function attachEmbeddedPostgres(
  dataDir: string,
  logger: Logger,
  { dataDirTimeoutMs }: Timings = TIMINGS,
): Promise<{ url: string; close(): Promise<void> }> {
  const home = await preparePostgresHome(dataDir, logger);
  await repairRestored(home);
  if (!(await isInitialised(home)))
    throw new StartError(`DATA_DIR=${dataDir} holds no database yet: start the server first`);
  const password = await loadOrCreateSecret(join(home.folder, 'password'));
  const running = await findPostmaster(home, (port) => addressOf(password, port, 'postgres'));
  if (running !== undefined) return { url: addressOf(password, running, DATABASE), close: async () => {} };
  const postgres = new EmbeddedPostgres(home, password, dataDir, dataDirTimeoutMs, logger);
  await postgres.open();
  return postgres;
}

/**
 * Detached until `open`, which finds or starts a PostgreSQL and takes its lock. Attached while `#lock` is connected. Attaching again from
 * the end of that connection (`#reopening`): it retries, at the same port, until PostgreSQL is back. Closed after `close`, which waits for a
 * retry under way, stops PostgreSQL, and releases the lock last.
 */
class EmbeddedPostgres {
  #port: number | undefined;
  /** The connection that holds the advisory lock: one server per DATA_DIR. */
  #lock: pg.Client | undefined;
  readonly #stop = new AbortController();
  #reopening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly home: PostgresHome,
    private readonly password: string,
    private readonly dataDir: string,
    private readonly lockTimeoutMs: number,
    private readonly logger: Logger,
  ) {}

  get url(): string {
    return this.#urlOf(this.#port ?? 0, DATABASE);
  }

  /** Idempotent. */
  async open(): Promise<void> {
    if (this.#lock) return;
    this.#lock = await this.#attach();
    const { rowCount } = await this.#lock.query('select from pg_database where datname = $1', [DATABASE]);
    if (!rowCount) await this.#lock.query(`create database ${DATABASE}`);
    await removeIncomplete(this.home);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await this.#reopening;
    // Holds the lock to the end: a server that starts meanwhile waits, instead of using a PostgreSQL that is about to stop.
    await stopPostmaster(this.home);
    await this.#lock?.end().catch(() => {});
  }

  /** Finds or starts a PostgreSQL, at the same port as before, and takes the lock. */
  async #attach(): Promise<pg.Client> {
    const urlOf = (port: number) => this.#urlOf(port, 'postgres');
    for (let attempt = 1; ; attempt += 1) {
      const port = (await findPostmaster(this.home, urlOf)) ?? (await startPostmaster(this.home, urlOf, this.#port));
      try {
        const lock = await takeLock(urlOf(port), this.dataDir, this.lockTimeoutMs);
        this.#port = port;
        lock.once('end', () => {
          this.#reopening = this.#reopen();
        });
        return lock;
      } catch (error) {
        // The PostgreSQL that was found may have been stopping.
        if (error instanceof StartError || attempt === ATTACH_ATTEMPTS) throw error;
        await setTimeout(ATTACH_RETRY_MS);
      }
    }
  }

  /** PostgreSQL may have been killed for lack of memory. It comes back at the same address, which the pool keeps using. */
  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.logger.warn('the embedded PostgreSQL stopped; starting it again');
        this.#lock = await this.#attach();
        this.logger.warn('the embedded PostgreSQL is running again');
        return;
      } catch (error) {
        this.logger.error({ err: error }, 'could not start the embedded PostgreSQL again; retrying');
        await setTimeout(ATTACH_RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #urlOf(port: number, database: string): string {
    return addressOf(this.password, port, database);
  }
}

/** sslmode: variables such as PGSSLMODE are meant for other servers. */
const addressOf = (password: string, port: number, database: string): string =>
  `postgres://${USER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;

/** Retries: after a kill -9 PostgreSQL needs a moment to notice that the lock's holder is gone. */
async function takeLock(url: string, dataDir: string, timeoutMs: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: `process ${process.pid}` });
  // The `end` event reports the end of this connection.
  client.on('error', () => {});
  await client.connect();
  try {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [LOCK]);
      if (rows[0].taken) return client;
      if (performance.now() > deadline) throw new StartError(await refusal(client, dataDir));
      await setTimeout(LOCK_INTERVAL_MS);
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function refusal(client: pg.Client, dataDir: string): Promise<string> {
  const { rows } = await client.query(
    `select application_name as name from pg_stat_activity join pg_locks using (pid) where locktype = 'advisory' and granted and objid = $1`,
    [LOCK],
  );
  return `Another server (${rows[0]?.name ?? 'just ended'}) uses DATA_DIR=${dataDir}: give each server a DATA_DIR of its own, or share one PostgreSQL by DATABASE_URL`;
}
