/** PostgreSQL goes away while people ask, watch and wait: what was acknowledged is kept, and no end is told that is not so. */
import pg from 'pg';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, postgresOf } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { startTunnel } from '../support/tunnel.js';
import { until } from '../support/until.js';
import { isAlive, isReady, startLoad } from './load.js';
import { isGone, stop } from './stories.js';

const RESTARTS = 5;
const CUTS = 20;

const processes = new Processes();
let simulator: SimulatorProcess;
beforeEach(async () => {
  simulator = await startSimulatorProcess(processes);
});
afterEach(() => processes.end());

async function expectExecutedOnce(): Promise<void> {
  const { prompts } = await simulator.journal();
  expect(Object.values(prompts).filter(({ executed }) => executed > 1)).toEqual([]);
}

test('a PostgreSQL that is killed again and again costs time, and nothing that was acknowledged', async () => {
  const server = await processes.startServerProcess({ env: { COMFYUI_URL: simulator.url } });
  const load = startLoad(server.url, await signUp(server.url));
  let isOver = false;
  let wasRed = false;
  const looking = (async () => {
    while (!isOver) {
      wasRed ||= !(await isReady(server.url));
      expect(await isAlive(server.url)).toBe(true);
    }
  })();
  for (let nth = 1; nth <= RESTARTS; nth += 1) {
    const before = load.ids.length;
    await until(() => load.ids.length > before || before === 40, 'it to be at work');
    const postgres = await until(() => postgresOf(server), 'PostgreSQL to be there');
    // As `pg_ctl stop -m immediate` does it.
    process.kill(postgres, 'SIGQUIT');
    await isGone(postgres);
    await until(() => isReady(server.url), 'the server to be ready again');
  }
  isOver = true;
  await looking;
  expect(wasRed).toBe(true);
  await load.end();
  await expectExecutedOnce();
  expect(await stop(server)).toBe(0);
});

describe('with a PostgreSQL of one’s own', () => {
  let database: TestDatabase;
  let direct: pg.Client;
  beforeEach(async () => {
    database = await createDatabase();
    direct = new pg.Client({ connectionString: database.url });
    await direct.connect();
  });
  afterEach(async () => {
    await processes.end();
    await direct.end();
    await database.drop();
  });

  const start = (url: string) =>
    processes.startServerProcess({ env: { DATABASE_URL: url, COMFYUI_URL: simulator.url } });

  /** Told by a way that nothing is done to. */
  const expectCommitted = async (id: string, status: string) => {
    const { rows } = await direct.query('select status from generations where id = $1', [id]);
    expect(rows).toEqual([{ status }]);
  };

  test('connections that are ended again and again cost nothing', async () => {
    const server = await start(database.url);
    const load = startLoad(server.url, await signUp(server.url), expectCommitted);
    for (let nth = 1; nth <= CUTS; nth += 1) {
      const cut = async () =>
        (
          await direct.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`,
          )
        ).rowCount;
      await until(async () => Number(await cut()) > 1, 'connections to cut');
      expect(await isAlive(server.url)).toBe(true);
    }
    await until(() => isReady(server.url), 'the server to be ready');
    await load.end();
    await expectExecutedOnce();
    expect(await stop(server)).toBe(0);
  });

  test.each(['refuse', 'swallow'] as const)(
    'while the way to it would %s everything, ends wait for it, and all goes on afterwards',
    async (harm) => {
      const tunnel = await startTunnel(database.url);
      try {
        const server = await start(tunnel.url);
        const load = startLoad(server.url, await signUp(server.url), expectCommitted);
        await until(() => load.ids.length >= 3, 'it to be at work');
        // ComfyUI finishes something meanwhile, which cannot be written down.
        await simulator.hold();
        await simulator.held();
        tunnel[harm]();
        await simulator.release();
        await until(async () => !(await isReady(server.url)), 'the server to say that it is not ready');
        expect(await isAlive(server.url)).toBe(true);
        await until(async () => {
          const { prompts } = await simulator.journal();
          return Object.values(prompts).every(({ succeeded }) => succeeded === 1);
        }, 'ComfyUI to have done what it has');
        tunnel.heal();
        await until(() => isReady(server.url), 'the server to be ready again');
        await load.end();
        await expectExecutedOnce();
        expect(await stop(server)).toBe(0);
      } finally {
        tunnel.close();
      }
    },
    240_000,
  );
});
