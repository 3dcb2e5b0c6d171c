/** Only an attempt that started to execute counts: a prompt that waited in ComfyUI's queue when ComfyUI crashed is submitted again for free. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, create, expectTrueEnd, finishes, journalOf, QUICK, reaches, sql } from '../support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ timings: QUICK });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const drain = (draining: boolean) =>
  sql(app, `update backends set draining = $1, state = $2`, [draining, draining ? 'DRAINING' : 'ONLINE']);
const spentBy = async (id: string): Promise<number> =>
  (await sql(app, 'select spent from generations where id = $1', [id]))[0]?.spent as number;

/** ComfyUI crashes while one prompt runs and the other waits. Neither is submitted again before both are known to be lost. */
async function die(running: string, pending: string): Promise<void> {
  await reaches(app, running, 'running');
  await until(
    async () =>
      (await sql(app, 'select from generations where id = $1 and started_at is not null', [running])).length > 0,
    'it to have begun',
  );
  await reaches(app, pending, 'pending');
  await drain(true);
  await app.simulator.restart({ downMs: 50 });
  await until(
    async () => (await sql(app, `select from prompts where ended_at is null`)).length === 0,
    'both to be known as lost',
  );
  await sql(app, 'update generations set run_after = now()');
  await drain(false);
}

test('a prompt that only waits survives more crashes of ComfyUI than it has attempts', async () => {
  app.simulator.hold();
  const poison = await create(alice, { priority: 10 });
  await reaches(app, poison.id, 'running');
  const innocent = await create(alice);
  for (let death = 0; death < 3; death += 1) await die(poison.id, innocent.id);
  expect(await finishes(alice, poison.id)).toMatchObject({ status: 'FAILED', failure: { code: 'BACKEND_LOST' } });
  expect(await spentBy(innocent.id)).toBe(0);

  // Now its prompt runs first, and its start counts.
  const next = await create(alice);
  await die(innocent.id, next.id);
  expect([await spentBy(innocent.id), await spentBy(next.id)]).toEqual([1, 0]);
  app.simulator.release();
  const end = await becomes(alice, innocent.id, 'COMPLETED');
  await expectTrueEnd(app, end);
  expect(await journalOf(app, innocent.id)).toMatchObject({ executed: 2, succeeded: 1 });
  await becomes(alice, next.id, 'COMPLETED');
});

test('a prompt that another client deletes from a living ComfyUI uses an attempt each time', async () => {
  app.simulator.hold();
  const first = await create(alice);
  await reaches(app, first.id, 'running');
  const second = await create(alice);
  const body = JSON.stringify({ delete: [await reaches(app, second.id, 'pending')] });
  await fetch(`${app.simulator.url}/queue`, { method: 'POST', body });
  await until(async () => (await spentBy(second.id)) === 1, 'the attempt to be counted');
  app.simulator.release();
  for (const { id } of [first, second]) await becomes(alice, id, 'COMPLETED');
});
