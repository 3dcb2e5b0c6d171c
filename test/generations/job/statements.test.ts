/** How many statements write a job: they limit how many jobs a second run through ComfyUIs that take no time. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { becomes, create, sql } from '../support.js';

/** Claim, submission, acceptance, start, progress, output, and completion with its result. */
const WRITES = 7;

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  // Only the first progress is written: how many follow depends on the time that the job takes.
  app = await startTestApp({ simulator: { stepMs: 10 }, timings: { progressIntervalMs: 60_000 } });
  alice = await signUp(app.url);
  await sql(app, 'create table writes (generation_id uuid, transaction xid8)');
  await sql(
    app,
    `create function note_write() returns trigger language plpgsql as $$
     begin
       insert into writes values ((to_jsonb(new)->>tg_argv[0])::uuid, pg_current_xact_id());
       return null;
     end $$`,
  );
  // Renewals of the lease are left out: they serve all jobs of a process.
  const ofPrompts = 'graph, submitted_at, idle, expected_seconds, outputs, progress, ended_at';
  for (const [events, table, key] of [
    [`insert or update of ${ofPrompts}`, 'prompts', 'generation_id'],
    ['update', 'generations', 'id'],
    ['insert', 'results', 'generation_id'],
    ['insert or update', 'previews', 'generation_id'],
  ])
    await sql(
      app,
      `create trigger note_write after ${events} on ${table} for each row execute function note_write('${key}')`,
    );
});
afterAll(() => app.close());

test('a text-to-image job is written by at most seven statements, from its claim to COMPLETED', async () => {
  const { id } = await create(alice);
  await becomes(alice, id, 'COMPLETED');
  const writes = await sql(app, 'select distinct transaction from writes where generation_id = $1', [id]);
  expect(writes.length).toBeGreaterThan(3);
  expect(writes.length).toBeLessThanOrEqual(WRITES);
});
