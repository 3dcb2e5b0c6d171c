/** A database with users, backends and generations, for tests of statements. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import type { Backends } from '../../src/backends/backends.js';
import { poolOf } from '../../src/db/adaptive-pool.js';
import { Channel } from '../../src/db/channel.js';
import { ClockWatch } from '../../src/db/clock-watch.js';
import { PinnedConnection } from '../../src/db/pinned-connection.js';
import { createReads } from '../../src/db/reads.js';
import { openDatabase } from '../../src/orm.js';
import { TIMINGS, type Timings } from '../../src/process/timings.js';
import { claim } from '../../src/runner/claims.js';
import * as leases from '../../src/runner/leases.js';
import { Replica } from '../../src/runner/replica.js';
import { Runner, type Work } from '../../src/runner/runner.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

export const DEPTH = { any: 2, quick: 5 };
/** The route of a job that any backend can run. */
export const ANY = 'any';
const UNLIMITED = { user: 1_000, admin: 1_000 };

type Row = Record<string, unknown>;
/** A process that lives until it is closed. */
export type Living = Replica & { close(): Promise<void> };

export type World = {
  /** The URL of the database. */
  url: string;
  run(sql: string, values?: unknown[]): Promise<Row[]>;
  em(): ReturnType<MikroORM['em']['fork']>;
  startReplica(): Promise<Living>;
  /** Opens a runner whose backends are online and run any job, with `work` in place of ComfyUI. */
  startRunner(backendIds: string[], work: Work, timings?: Partial<Timings>): Promise<Runner>;
  insertUser(role?: string): Promise<string>;
  insertBackend(state?: string): Promise<string>;
  insertGeneration(options?: GenerationOptions): Promise<string>;
  claim(options: {
    backendId: string;
    holder: number;
    routes?: string[];
    limits?: typeof UNLIMITED;
  }): Promise<leases.Job | undefined>;
  takeOver(options: {
    holder: number;
    backendIds: string[];
    running?: string[];
    suspects?: boolean;
  }): Promise<leases.Job[]>;
  generation(id: string): Promise<Row>;
  prompt(id: string): Promise<Row>;
  /** Lets the job's lease expire. */
  expire(job: leases.Job): Promise<unknown>;
  end(job: leases.Job): Promise<unknown>;
  close(): Promise<void>;
};

export type GenerationOptions = { userId?: string; rank?: number; age?: number; runAfter?: number; route?: string };

const logger = pino({ level: 'silent' });
const { leaseMs } = TIMINGS;

export async function startWorld(): Promise<World> {
  const database: TestDatabase = await createDatabase();
  const orm = await openDatabase(database.url);
  const statements = createReads(orm, await poolOf(orm));
  const em = () => orm.em.fork();
  const run = (sql: string, values: unknown[] = []): Promise<Row[]> => em().execute(sql, values);
  const connections: PinnedConnection[] = [];
  const insertUser = async (role = 'USER') => {
    const id = randomUUID();
    await run(`insert into users (id, email, password_hash, role) values (?, ?, '', ?)`, [
      id,
      `${id}@example.com`,
      role,
    ]);
    return id;
  };
  const defaultUser = await insertUser();
  return {
    url: database.url,
    run,
    em,
    insertUser,
    async startReplica() {
      const connection = new PinnedConnection(database.url, TIMINGS, logger);
      const replica = new Replica(connection);
      await connection.open();
      connections.push(connection);
      return Object.assign(replica, { close: () => connection.close() });
    },
    async startRunner(backendIds, work, timings = {}) {
      const connection = new PinnedConnection(database.url, TIMINGS, logger);
      const [replica, channel] = [new Replica(connection), new Channel(connection, TIMINGS, logger)];
      await connection.open();
      connections.push(connection);
      const online = backendIds.map((id) => ({ id, isAway: false, isDraining: false }));
      const backends = {
        ids: () => backendIds,
        get: (id: string) => online.find((backend) => backend.id === id),
        online: () => online,
        claimable: () => online,
        serves: () => true,
        onOnline: () => {},
      } as unknown as Backends;
      const runner = new Runner({
        orm,
        statements,
        replica,
        channel,
        clock: new ClockWatch(orm, [], TIMINGS, logger),
        backends,
        limits: UNLIMITED,
        work,
        onMoved: () => {},
        timings: { ...TIMINGS, ...timings },
        logger,
      });
      runner.open();
      return runner;
    },
    async insertBackend(state = 'ONLINE') {
      const id = randomUUID();
      await run(`insert into backends (id, name, url, state) values (?, ?, ?, ?)`, [id, id, id, state]);
      return id;
    },
    async insertGeneration({ userId = defaultUser, rank = 0, age = 0, runAfter = 0, route = ANY } = {}) {
      const id = randomUUID();
      await run(
        `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, rank, created_at, run_after, route)
         values (?, ?, '', '', 'text-to-image', 1, '{}', ?, now() - ? * interval '1 s', now() + ? * interval '1 s', ?)`,
        [id, userId, rank, age, runAfter, route],
      );
      return id;
    },
    claim: ({ backendId, holder, routes = [ANY], limits = UNLIMITED }) =>
      claim(statements, { backendId, holder, routes, limits, depth: DEPTH, promptId: randomUUID(), leaseMs }),
    takeOver: ({ holder, backendIds, running = [], suspects = false }) =>
      leases.takeOver(em(), { holder, backendIds, running, leaseMs }, suspects),
    generation: async (id) => (await run('select * from generations where id = ?', [id]))[0] ?? {},
    prompt: async (id) => (await run('select * from prompts where id = ?', [id]))[0] ?? {},
    expire: ({ promptId }) => run(`update prompts set lease_until = now() - interval '1 s' where id = ?`, [promptId]),
    end: ({ promptId }) => run('update prompts set ended_at = now() where id = ?', [promptId]),
    async close() {
      for (const connection of connections) await connection.close();
      await orm.close();
      await database.drop();
    },
  };
}
