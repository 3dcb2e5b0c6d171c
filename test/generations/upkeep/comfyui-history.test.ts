/** Traces in ComfyUI: source images are in a subfolder, and deleted generations are not in the history. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, create, promptsOf, QUICK, remove } from '../support.js';

let app: TestApp;
let alice: Client;
beforeEach(async () => {
  app = await startTestApp({ timings: { ...QUICK, cleanIntervalMs: 100 } });
  alice = await signUp(app.url);
});
afterEach(() => app.close());

const history = async (): Promise<string[]> =>
  Object.keys((await (await fetch(`${app.simulator.url}/history`)).json()) as object);

test('a source image is uploaded to a subfolder that ComfyUI does not list', async () => {
  const first = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const source = first.result?.images[0]?.id;
  const { id } = await create(alice, { source, workflow: 'image-to-image' });
  await becomes(alice, id, 'COMPLETED');
  const inputs = join(app.simulator.directory, 'input');
  const [day, ...others] = await readdir(join(inputs, 'comfygraph'));
  expect([day, others]).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d$/), []]);
  expect(await readdir(join(inputs, 'comfygraph', String(day)))).toEqual([
    expect.stringMatching(/^[0-9a-f]{32}\.png$/),
  ]);
  expect((await readdir(inputs)).filter((name) => name.includes('.'))).toEqual([]);
});

test('a deleted generation is deleted from the history, and no other generation is', async () => {
  const [kept, gone] = [await create(alice), await create(alice)];
  for (const { id } of [kept, gone]) await becomes(alice, id, 'COMPLETED');
  const [promptId] = await promptsOf(app, kept.id);
  expect(await history()).toHaveLength(2);
  await remove(alice, gone.id);
  await until(async () => (await history()).length === 1, 'one entry to be deleted');
  expect(await history()).toEqual([promptId]);
});

test('a generation that is deleted while it runs is deleted from the history once it has stopped', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  await app.simulator.held();
  await remove(alice, id);
  app.simulator.release();
  // The journal has the request before ComfyUI has handled it.
  await until(() => app.simulator.journal.requests('POST /history') > 0, 'the request to the history');
  await until(async () => (await history()).length === 0, 'the entry to be deleted');
});

test('while ComfyUI is unreachable the deletion is retried', async () => {
  const { id } = await create(alice);
  await becomes(alice, id, 'COMPLETED');
  let refused = 0;
  const heal = app.simulator.at(
    'request',
    {
      do: 'call',
      run: () => {
        refused += 1;
      },
    },
    { where: { route: 'POST /history' }, times: Number.POSITIVE_INFINITY },
  );
  const cut = app.simulator.at('request', 'reset', {
    where: { route: 'POST /history' },
    times: Number.POSITIVE_INFINITY,
  });
  await remove(alice, id);
  await until(() => refused > 1, 'a retry');
  expect(await history()).toHaveLength(1);
  heal();
  cut();
  await until(async () => (await history()).length === 0, 'the entry to be deleted');
});
