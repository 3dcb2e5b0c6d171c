/**
 * Many generations at once: ComfyUI never has more than its depth, each is executed once, and priorities hold.
 *
 * @slow: has many users and watchers.
 */

import { becomes, create, expectTrueEnd, journalOf, occupy, queueOf, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';

/** Max prompts of this server in a ComfyUI: one executes, and one waits so that ComfyUI is never idle. */
const DEPTH = 2;
const USERS = 3;
const EACH = 10;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ simulator: { previewSize: 64 } });
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

test('30 generations of 3 users are each executed once, and ComfyUI never has more than 2 of their prompts', async () => {
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
    await expectTrueEnd(app, await becomes(client, id, 'COMPLETED'));
    expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1, succeeded: 1 });
  }
  expect(counts).toHaveLength(made.length);
  expect(Math.max(...counts)).toBeLessThanOrEqual(DEPTH);
  expect(app.simulator.journal.globalInterrupts).toBe(0);
  expect(await sql(app, 'select from prompts where ended_at is null')).toHaveLength(0);
});

test("a user's generations are submitted by priority, then by age", async () => {
  const alice = await signUp(app.url);
  app.simulator.hold();
  const before = await occupy(app, alice, { steps: 1 });
  const made: { id: string; priority: number }[] = [];
  for (const priority of [0, 5, -10, 10, 5, 0])
    made.push({ id: (await create(alice, { steps: 1, priority })).id, priority });
  app.simulator.release();
  for (const { id } of [...before, ...made]) await becomes(alice, id, 'COMPLETED');
  const sent = await sql<{ id: string }>(
    app,
    'select generation_id as id from prompts where generation_id = any($1::uuid[]) order by created_at',
    [made.map(({ id }) => id)],
  );
  // The sort is stable: at equal priority the older stays first.
  expect(sent.map(({ id }) => id)).toEqual(made.toSorted((a, b) => b.priority - a.priority).map(({ id }) => id));
});
