/** The estimate of the time left comes from earlier runs of the same work only. */
import pg from 'pg';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { save } from '../../workflows/saved/support.js';
import { becomes, create, QUICK, sql } from '../support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    env: { WORKFLOW_AUTHORS: 'users' },
    simulator: { previewSize: 64 },
    timings: { ...QUICK, progressIntervalMs: 20 },
  });
  alice = await signUp(app.url);
});
beforeEach(() => sql(app, 'delete from paces'));
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

type Progress = { fraction: number; eta: number | null };

const WATCH = `subscription ($id: ID!) { generationUpdated(id: $id) { progress { fraction eta } } }`;
const ENOUGH = 3;
const STEPS = 20;

/** Returns the progress events of a new generation while ComfyUI executes it step by step. */
async function progressOf(input = {}): Promise<Progress[]> {
  app.simulator.at('step', 'hold');
  const { id } = await create(alice, { steps: STEPS, ...input });
  const told: Progress[] = [];
  const watching = (async () => {
    for await (const { data } of alice.watch(WATCH, { id }))
      if (data.generationUpdated.progress) told.push(data.generationUpdated.progress);
  })();
  await app.simulator.held();
  await until(() => told.length > 0, 'progress to be reported');
  while (told.length < ENOUGH) {
    const before = told.length;
    await app.simulator.advance();
    await until(() => told.length > before, 'more progress to be reported');
  }
  app.simulator.release();
  await watching;
  await becomes(alice, id, 'COMPLETED');
  return told;
}

const etas = (told: readonly Progress[]) => told.map(({ eta }) => eta);
const unknown = (told: readonly Progress[]) => told.map(() => null);

test('the estimate is null for the first run of its kind, and falls during the second', async () => {
  const first = await progressOf();
  expect(etas(first)).toEqual(unknown(first));
  const second = await progressOf();
  const seconds = etas(second).map(Number);
  expect(etas(second)).not.toContain(null);
  expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
  expect(seconds.at(-1)).toBeLessThan(Number(seconds[0]));
  expect(Number(seconds.at(-1))).toBeGreaterThan(0);
});

test('another model or another workflow is another kind', async () => {
  await progressOf({ model: 'dreamshaper-8' });
  const other = await progressOf({ model: 'sdxl-base-1.0' });
  expect(etas(other)).toEqual(unknown(other));
  expect(await sql(app, 'select runs from paces')).toEqual([{ runs: 1 }, { runs: 1 }]);
});

test('workflows of two users with one name are two kinds', async () => {
  const bob = await signUp(app.url);
  const run = async (client: Client) => {
    const input = { prompt: null, width: null, height: null, steps: null, workflow: 'card' };
    await becomes(client, (await create(client, input)).id, 'COMPLETED');
  };
  for (const client of [alice, bob]) await save(client);
  for (const client of [alice, bob, bob]) await run(client);
  expect(await sql(app, 'select runs from paces order by runs')).toEqual([{ runs: 1 }, { runs: 2 }]);
});

test('the estimate doubles with the size of the work', async () => {
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  await sql(app, 'update paces set seconds = 10.0 / (64 * 64)');
  for (const { eta, fraction } of await progressOf({ batchSize: 2 }))
    expect(eta).toBeCloseTo(10 * STEPS * 2 * (1 - fraction), 6);
});

test('a generation completes while the run of another is still being recorded', async () => {
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const other = new pg.Client({ connectionString: app.database.url });
  await other.connect();
  await other.query('begin');
  await other.query('update paces set runs = runs');
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  await other.query('commit');
  await other.end();
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  expect(await sql(app, 'select runs from paces')).toEqual([{ runs: 2 }]);
});
