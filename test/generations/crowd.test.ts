/** Many at once: ComfyUI has never more than its share, and each is made once, in the order its owner wants. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { becomes, create, expectTrueEnd, journalOf, promptsOf, queueOf, sql } from './support.js';

/** How many prompts of ours a ComfyUI may have at a time: one that runs, and one so that it need not wait. */
const DEPTH = 2;
const USERS = 3;
const EACH = 10;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

test('30 generations of 3 users are each executed once, and ComfyUI never has more than 2 of them', async () => {
  const counts: number[] = [];
  app.simulator.at(
    'prompt:after',
    {
      do: 'call',
      run: async () => {
        const { running, pending } = await queueOf(app.simulator);
        counts.push(running.length + pending.length);
      },
    },
    { times: Number.POSITIVE_INFINITY },
  );
  const users = await Promise.all(Array.from({ length: USERS }, () => signUp(app.url)));
  const made = await Promise.all(
    users.flatMap((client: Client) =>
      Array.from({ length: EACH }, async () => ({ client, id: (await create(client, { steps: 1 })).id })),
    ),
  );
  for (const { client, id } of made) {
    await expectTrueEnd(app, await becomes(client, id, 'COMPLETED', 60_000));
    expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1, succeeded: 1 });
  }
  expect(counts).toHaveLength(made.length);
  expect(Math.max(...counts)).toBeLessThanOrEqual(DEPTH);
  expect(app.simulator.journal.globalInterrupts).toBe(0);
  expect(await sql(app, 'select from prompts where ended_at is null')).toHaveLength(0);
}, 120_000);

test("a user's own go by priority, then by age", async () => {
  const alice = await signUp(app.url);
  app.simulator.hold();
  const first = [await create(alice, { steps: 1 }), await create(alice, { steps: 1 })];
  const order: string[] = [];
  const priorities = [0, 5, -10, 10, 5, 0];
  const made: { id: string; priority: number }[] = [];
  for (const priority of priorities) made.push({ id: (await create(alice, { steps: 1, priority })).id, priority });
  app.simulator.at(
    'start',
    { do: 'call', run: ({ promptId }) => void order.push(String(promptId)) },
    { times: Number.POSITIVE_INFINITY },
  );
  app.simulator.release();
  for (const { id } of [...first, ...made]) await becomes(alice, id, 'COMPLETED');
  const started = new Map<string, number>();
  for (const { id } of made) started.set(id, order.indexOf(String((await promptsOf(app, id))[0])));
  const actual = made.toSorted((a, b) => Number(started.get(a.id)) - Number(started.get(b.id)));
  // Sorting is stable: among equals the older stays first.
  expect(actual.map(({ id }) => id)).toEqual(made.toSorted((a, b) => b.priority - a.priority).map(({ id }) => id));
});
