/**
 * PostgreSQL fails while users create and watch generations: acknowledged work is kept, and no false end is reported.
 *
 * @slow: starts servers as processes.
 */
import { setTimeout } from 'node:timers/promises';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, postgresOf } from '../support/process.js';
import { startTunnel } from '../support/tunnel.js';
import { until } from '../support/until.js';
import { isAlive, isReady, type Load, MAX_GENERATIONS, startLoad } from './load.js';
import { isGone } from './stories.js';

const RESTARTS = 3;
const CUTS = 10;
/** Shorter than in production, so that a dead connection is detected sooner. */
const QUICK = {
  leaseMs: 3_000,
  heartbeatIntervalMs: 900,
  statementTimeoutMs: 3_500,
  idleTransactionTimeoutMs: 2_900,
  connectionTimeoutMs: 2_500,
  pinnedConnectionCheckMs: 1_000,
};

const processes = new Processes();
let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ stepMs: 5 });
});
afterEach(async () => {
  await processes.end();
  await simulator.close();
});

/** Waits until the server acknowledges another generation, or has all of them. */
async function isAtWork({ ids }: Load): Promise<void> {
  const before = ids.length;
  await until(() => ids.length > before || before === MAX_GENERATIONS, 'it to be at work');
}

function expectExecutedOnce(): void {
  const { prompts } = simulator.journal.snapshot();
  expect(Object.values(prompts).filter(({ executed }) => executed > 1)).toEqual([]);
}

test('a PostgreSQL that is killed repeatedly costs time, but no acknowledged work', async () => {
  const server = await processes.startServerHere({ env: { COMFYUI_URL: simulator.url } });
  const load = startLoad(server.url, await signUp(server.url));
  let isOver = false;
  let wasRed = false;
  const looking = (async () => {
    while (!isOver) {
      wasRed ||= !(await isReady(server.url));
      expect(await isAlive(server.url)).toBe(true);
      await setTimeout(5);
    }
  })();
  for (let nth = 1; nth <= RESTARTS; nth += 1) {
    await isAtWork(load);
    await until(() => postgresOf(server) !== undefined, 'PostgreSQL to be there');
    const postgres = Number(postgresOf(server));
    // As `pg_ctl stop -m immediate` does it.
    process.kill(postgres, 'SIGQUIT');
    await isGone(postgres);
    await until(() => isReady(server.url), 'the server to be ready again');
  }
  isOver = true;
  await looking;
  expect(wasRed).toBe(true);
  await load.end();
  expectExecutedOnce();
  await server.close();
});

describe('with DATABASE_URL', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(async () => {
    await processes.end();
    await database.drop();
  });

  const start = (url: string) =>
    processes.startServerHere({ env: { DATABASE_URL: url, COMFYUI_URL: simulator.url }, timings: QUICK });

  /** Reads over an intact connection. */
  const expectCommitted = async (id: string, status: string) => {
    const rows = await database.query('select status from generations where id = $1', [id]);
    expect(rows).toEqual([{ status }]);
  };

  test('connections that are terminated repeatedly cost no work', async () => {
    const server = await start(database.url);
    const load = startLoad(server.url, await signUp(server.url), expectCommitted);
    for (let nth = 1; nth <= CUTS; nth += 1) {
      await isAtWork(load);
      const cut = async () =>
        (
          await database.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`,
          )
        ).length;
      await until(async () => (await cut()) > 1, 'connections to cut');
      expect(await isAlive(server.url)).toBe(true);
    }
    await until(() => isReady(server.url), 'the server to be ready');
    await load.end();
    expectExecutedOnce();
    await server.close();
  });

  test.each(['refuse', 'swallow'] as const)(
    'while the connection would %s everything, ends are not reported, and work continues afterwards',
    async (harm) => {
      const tunnel = await startTunnel(database.url);
      try {
        const server = await start(tunnel.url);
        const load = startLoad(server.url, await signUp(server.url), expectCommitted);
        await until(() => load.ids.length >= 3, 'it to be at work');
        // ComfyUI finishes a prompt meanwhile, which the server cannot record.
        simulator.hold();
        await simulator.held();
        tunnel[harm]();
        simulator.release();
        await until(async () => !(await isReady(server.url)), 'the server to say that it is not ready');
        expect(await isAlive(server.url)).toBe(true);
        await until(() => {
          const { prompts } = simulator.journal.snapshot();
          return Object.values(prompts).every(({ succeeded }) => succeeded === 1);
        }, 'ComfyUI to have done what it has');
        tunnel.heal();
        await until(() => isReady(server.url), 'the server to be ready again');
        await load.end();
        expectExecutedOnce();
        await server.close();
      } finally {
        tunnel.close();
      }
    },
  );
});
