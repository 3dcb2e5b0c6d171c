/**
 * A PostgreSQL of the server's own, under DATA_DIR. It runs detached, so that neither Ctrl+C nor the server's death takes it
 * down under work that is being written; the next start goes on with it. It is stopped last.
 */
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { keptSecret } from '../../process/secret.js';
import { StartError } from '../../process/start-error.js';
import { TIMINGS, type Timings } from '../../process/timings.js';
import { initialise, isInitialised, removeHalves } from './initialise.js';
import { noteElsewhere } from './kept-elsewhere.js';
import { type PostgresHome, preparePostgresHome } from './postgres-home.js';
import { findPostmaster, startPostmaster, stopPostmaster } from './postmaster.js';
import { mendRestored } from './restored.js';

export const USER = 'comfygraph';
const DATABASE = 'comfygraph';
/** Any number: it is the only advisory lock of the `postgres` database. */
const LOCK = 1;
const LOCK_EVERY_MS = 100;
/** How often in a row a PostgreSQL may stop while it is being connected to. */
const ATTACH_ATTEMPTS = 10;
const ATTACH_AGAIN_AFTER_MS = 500;

/** @throws StartError when another server uses the same DATA_DIR, and when PostgreSQL does not start */
export async function startEmbeddedPostgres(
  dataDir: string,
  logger: Logger,
  { dataDirTimeoutMs }: Timings = TIMINGS,
): Promise<EmbeddedPostgres> {
  const home = await preparePostgresHome(dataDir, logger);
  await mendRestored(home);
  const password = await keptSecret(join(home.folder, 'password'));
  await initialise(home, USER, password);
  await noteElsewhere(resolve(dataDir, 'postgres'), home.folder);
  const postgres = new EmbeddedPostgres(home, password, dataDir, dataDirTimeoutMs, logger);
  await postgres.open();
  return postgres;
}

/**
 * For a command beside the server: the PostgreSQL of DATA_DIR where one runs, which is left running; otherwise one that `close` stops.
 * @throws StartError where no server was ever started with this DATA_DIR
 */
export async function borrowEmbeddedPostgres(
  dataDir: string,
  logger: Logger,
  { dataDirTimeoutMs }: Timings = TIMINGS,
): Promise<{ url: string; close(): Promise<void> }> {
  const home = await preparePostgresHome(dataDir, logger);
  await mendRestored(home);
  if (!(await isInitialised(home)))
    throw new StartError(`DATA_DIR=${dataDir} holds no database yet: start the server first`);
  const password = await keptSecret(join(home.folder, 'password'));
  const running = await findPostmaster(home, (port) => addressOf(password, port, 'postgres'));
  if (running !== undefined) return { url: addressOf(password, running, DATABASE), close: async () => {} };
  const postgres = new EmbeddedPostgres(home, password, dataDir, dataDirTimeoutMs, logger);
  await postgres.open();
  return postgres;
}

export class EmbeddedPostgres {
  #port: number | undefined;
  /** Who holds it is the one server of this DATA_DIR. */
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

  /** Opening twice is opening once. */
  async open(): Promise<void> {
    if (this.#lock) return;
    this.#lock = await this.#attach();
    const { rowCount } = await this.#lock.query('select from pg_database where datname = $1', [DATABASE]);
    if (!rowCount) await this.#lock.query(`create database ${DATABASE}`);
    await removeHalves(this.home);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await this.#reopening;
    // The lock is held to the end: who starts meanwhile waits, and does not take a PostgreSQL that is about to stop.
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
        // The one that was found may have been stopping.
        if (error instanceof StartError || attempt === ATTACH_ATTEMPTS) throw error;
        await setTimeout(ATTACH_AGAIN_AFTER_MS);
      }
    }
  }

  /** Whatever ended it, perhaps the system for want of memory: the server has it back, at the address that it knows. */
  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.logger.warn('PostgreSQL broke');
        this.#lock = await this.#attach();
        this.logger.warn('PostgreSQL is back');
        return;
      } catch (error) {
        this.logger.error({ err: error }, 'PostgreSQL does not come back');
        await setTimeout(ATTACH_AGAIN_AFTER_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #urlOf(port: number, database: string): string {
    return addressOf(this.password, port, database);
  }
}

/** What the environment says about TLS is about other servers. */
const addressOf = (password: string, port: number, database: string): string =>
  `postgres://${USER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;

/** After a kill -9 PostgreSQL needs a moment to notice that its client, the holder of the lock, is gone. */
async function takeLock(url: string, dataDir: string, timeoutMs: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: `process ${process.pid}` });
  // The end of this connection is noticed by its event `end`.
  client.on('error', () => {});
  await client.connect();
  try {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [LOCK]);
      if (rows[0].taken) return client;
      if (performance.now() > deadline) throw new StartError(await refusal(client, dataDir));
      await setTimeout(LOCK_EVERY_MS);
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
