/** A server that freezes for longer than its leases, and wakes: its work has gone on elsewhere, and it spoils nothing. */
import pg from 'pg';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';
import { create, finish, read, type User } from './stories.js';

/** Any number that nobody else locks. */
const LOCK = 777;

const processes = new Processes();
let database: TestDatabase;
let simulator: SimulatorProcess;
let frozen: ServerProcess;
let alice: User;
let database1: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  // Slow enough for a second execution to be seen, and stopped.
  simulator = await startSimulatorProcess(processes, { SIMULATOR_STEP_MS: '300' });
  frozen = await start();
  alice = await signUp(frozen.url);
  database1 = new pg.Client({ connectionString: database.url });
  await database1.connect();
});
afterEach(async () => {
  await database1.end();
  await processes.end();
  await database.drop();
});

const start = (env = {}) =>
  processes.startServerProcess({
    env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, LOG_LEVEL: 'info', ...env },
  });
const startAnother = () => start({ DATA_DIR: frozen.dataDir });
const prompts = async () => Object.values((await simulator.journal()).prompts);
const rows = async <Row extends pg.QueryResultRow>(statement: string) => (await database1.query<Row>(statement)).rows;

test('while it works: another finishes the job, and it notices that it has lost it', async () => {
  await simulator.hold();
  const id = await create(frozen.url, alice);
  await simulator.held();
  await until(async () => (await read(frozen.url, alice, id)).status === 'PROCESSING', 'it is PROCESSING');
  frozen.kill('SIGSTOP');
  const other = await startAnother();
  await until(
    async () => (await rows('select from prompts where fence > 1')).length > 0,
    'the other server to take it',
    40_000,
  );
  await simulator.release();
  const end = await finish(other.url, alice, id);
  expect(end).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  const before = await rows('select to_jsonb(g) from generations g');

  frozen.kill('SIGCONT');
  await until(async () => (await read(frozen.url, alice, id)).status === 'COMPLETED', 'it answers again');
  const next = await create(frozen.url, alice);
  await finish(frozen.url, alice, next);
  expect(await rows(`select to_jsonb(g) from generations g where id = '${id}'`)).toEqual(before);
  expect((await prompts()).map(({ executed }) => executed)).toEqual([1, 1]);
}, 120_000);

/** Keeps a server that is about to send a prompt waiting, for as long as the test holds the lock. */
const WAIT_BEFORE_SENDING = `
  create function wait_before_sending() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${LOCK}); return new; end $$;
  create trigger wait_before_sending before update of submitted_at on prompts
    for each row when (old.submitted_at is null) execute function wait_before_sending()`;

test('as it sends the prompt: what it sends when it wakes is one too many, is taken back, and makes no second result', async () => {
  await database1.query(WAIT_BEFORE_SENDING);
  await database1.query(`select pg_advisory_lock(${LOCK})`);
  const id = await create(frozen.url, alice);
  const waits = `select from pg_locks where locktype = 'advisory' and objid = ${LOCK} and not granted`;
  await until(async () => (await rows(waits)).length > 0, 'the server to be about to send');
  frozen.kill('SIGSTOP');
  await database1.query(`select pg_advisory_unlock(${LOCK})`);
  // A freeze of twelve seconds, in less: for longer than fifteen its connection does not outlive it, and nothing is sent at all.
  await until(
    async () =>
      (await rows(`update prompts set lease_until = now() where submitted_at is not null returning id`)).length > 0,
    'the lease to run out',
  );

  const other = await startAnother();
  expect(await finish(other.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  // All that was made is in ComfyUI's cache, and the same would be there again at once.
  await fetch(`${simulator.url}/free`, { method: 'POST', body: '{"free_memory": true}' });
  await simulator.hold();
  frozen.kill('SIGCONT');
  await until(async () => (await prompts())[0]?.received === 2, 'ComfyUI to have it a second time');
  await until(() => frozen.logs.includes('is taken back'), 'it to notice that it came too late');
  await until(async () => Number((await simulator.journal()).requests['POST /interrupt']) > 0, 'the interrupt');
  await simulator.release();
  await until(async () => {
    const queue = (await (await fetch(`${simulator.url}/queue`)).json()) as Record<string, unknown[]>;
    return queue.queue_running?.length === 0 && queue.queue_pending?.length === 0;
  }, 'ComfyUI to be idle');
  expect(await rows('select from results')).toHaveLength(1);
  expect(await rows('select from prompts where ended_at is null')).toHaveLength(0);
  expect(await prompts()).toMatchObject([{ succeeded: 1, interrupted: 1 }]);
  expect(await read(frozen.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
}, 120_000);
