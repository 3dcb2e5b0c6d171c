/**
 * A server freezes for longer than its leases and wakes: another server has continued its work, and it does no harm.
 *
 * @slow: starts servers as processes.
 */
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerHere, type ServerProcess } from '../support/process.js';
import { lockTable } from '../support/table-lock.js';
import { until } from '../support/until.js';
import { create, finish, read, type User } from './stories.js';

/** An advisory lock that nothing else uses. */
const LOCK = 777;
/**
 * The duration of the freeze depends on this machine. After fifteen seconds the connection would not survive it, and the server would send
 * nothing at all.
 */
const FROZEN = { statementTimeoutMs: 600_000, heartbeatIntervalMs: 200, comfyui: { inFlightTimeoutMs: 100 } };
const OTHER = { sweepIntervalMs: 50, comfyui: { inFlightTimeoutMs: 100, recheckIntervalMs: 50 } };

const processes = new Processes();
let database: TestDatabase;
let simulator: Simulator;
let frozen: ServerProcess;
let alice: User;
beforeAll(async () => {
  database = await createDatabase();
  simulator = await startSimulator({ stepMs: 5 });
  const env = { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, LOG_LEVEL: 'info' };
  frozen = await processes.startServerProcess({ env, timings: FROZEN });
  alice = await signUp(frozen.url);
});
afterAll(async () => {
  await processes.end();
  await simulator?.close();
  await database?.drop();
});

const startOther = () =>
  processes.startServerHere({
    env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, DATA_DIR: frozen.dataDir },
    timings: OTHER,
  });
const promptOf = async (id: string) => {
  const [row] = await database.query<{ id: string }>('select id from prompts where generation_id = $1', [id]);
  return simulator.journal.snapshot().prompts[row?.id ?? ''];
};
/** Expires the lease without waiting twelve seconds. */
const leaseRunsOut = (id: string) =>
  until(async () => {
    const rows = await database.query<{ fence: number }>(
      'update prompts set lease_until = least(lease_until, now()) where generation_id = $1 returning fence',
      [id],
    );
    return rows.some(({ fence }) => fence > 1);
  }, 'the other server to take it');

test('frozen while it runs a job: another server finishes the job, and the frozen one detects the loss', async () => {
  simulator.hold();
  const id = await create(frozen.url, alice);
  await simulator.held();
  await until(async () => (await read(frozen.url, alice, id)).status === 'PROCESSING', 'it is PROCESSING');
  frozen.kill('SIGSTOP');
  const other = await startOther();
  await leaseRunsOut(id);
  simulator.release();
  expect(await finish(other.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  const generation = () => database.query('select to_jsonb(g) from generations g where id = $1', [id]);
  const before = await generation();
  await other.close();

  frozen.kill('SIGCONT');
  await until(async () => (await read(frozen.url, alice, id)).status === 'COMPLETED', 'it answers again');
  const next = await create(frozen.url, alice);
  await finish(frozen.url, alice, next);
  expect(await generation()).toEqual(before);
  expect(await promptOf(id)).toMatchObject({ executed: 1 });
  expect(await promptOf(next)).toMatchObject({ executed: 1 });
});

/** Delays a server that is about to send a prompt, while the test holds the lock. */
const WAIT_BEFORE_SENDING = `
  create function wait_before_sending() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${LOCK}); return new; end $$;
  create trigger wait_before_sending before update of submitted_at on prompts
    for each row when (old.submitted_at is null) execute function wait_before_sending()`;

/** The statement that records ComfyUI's response. PostgreSQL shows only its first kilobyte. */
const ACCEPTING = `
  select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%update prompts set idle%'`;
const saysOf = (id: string) =>
  frozen.logs
    .split('\n')
    .filter((line) => line.includes(id))
    .join('\n');

describe('frozen as it sends the prompt', () => {
  let other: ServerHere;
  let id: string;
  beforeAll(async () => {
    await database.query(WAIT_BEFORE_SENDING);
  });
  beforeEach(async () => {
    await database.query(`select pg_advisory_lock(${LOCK})`);
    id = await create(frozen.url, alice);
    const waits = `select from pg_locks where locktype = 'advisory' and objid = ${LOCK} and not granted`;
    await until(async () => (await database.query(waits)).length > 0, 'the server to be about to send');
    frozen.kill('SIGSTOP');
    await database.query(`select pg_advisory_unlock(${LOCK})`);
    const submitted = 'select from prompts where generation_id = $1 and submitted_at is not null';
    await until(async () => (await database.query(submitted, [id])).length > 0, 'it to be noted as sent');

    other = await startOther();
    await leaseRunsOut(id);
    expect(await finish(other.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    await other.close();
    // ComfyUI's cache would return the same picture at once.
    await fetch(`${simulator.url}/free`, { method: 'POST', body: '{"free_memory": true}' });
    simulator.hold();
  });

  const isIdle = async () => {
    const queue = (await (await fetch(`${simulator.url}/queue`)).json()) as Record<string, unknown[]>;
    return queue.queue_running?.length === 0 && queue.queue_pending?.length === 0;
  };

  // The order in which the frozen server learns of it.
  test.each([
    ['ComfyUI responds first', false],
    ['it learns first that it has lost the job', true],
  ])('the prompt that it sends after waking is canceled and produces no second result: %s', async (_, isLate) => {
    const answer = Promise.withResolvers<void>();
    if (isLate) simulator.at('prompt:after', { do: 'call', run: () => answer.promise });
    const interrupts = simulator.journal.requests('POST /interrupt');
    // Its heartbeat, which would report the loss, waits for the table.
    const generations = await lockTable(database.url, 'generations');
    frozen.kill('SIGCONT');
    await until(async () => (await promptOf(id))?.received === 2, 'ComfyUI to have it a second time');
    if (!isLate) await until(async () => (await database.query(ACCEPTING)).length > 0, 'it to have the answer');
    await generations.open();
    await until(
      () => saysOf(id).includes('after another process had taken the job'),
      'it to notice that it came too late',
    );
    answer.resolve();
    await until(() => simulator.journal.requests('POST /interrupt') > interrupts, 'the interrupt');
    simulator.release();
    await until(isIdle, 'ComfyUI to be idle');
    expect(await database.query('select from results where generation_id = $1', [id])).toHaveLength(1);
    expect(await database.query('select from prompts where ended_at is null')).toHaveLength(0);
    expect(await promptOf(id)).toMatchObject({ succeeded: 1, interrupted: 1 });
    expect(await read(frozen.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  });
});
