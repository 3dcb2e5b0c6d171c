/** A value that only an absent backend offers is accepted while its catalogue is unread, and the job waits for that backend. */
import type { App } from '../../src/app.js';
import { becomes, create, read } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { OFTEN } from './pool.js';

type Input = { name: string; choices: string[] | null };

let app: TestApp;
let restarted: App;
afterEach(async () => {
  await restarted.close();
  await app.close();
});

test('a sampler of a backend that is away when the server starts is accepted, and runs when the backend is back', async () => {
  app = await startTestApp({ simulator: [{}, { samplers: ['res_2s'] }], timings: OFTEN });
  const alice = await signUp(app.url);
  await allOnline(alice);
  const rare = app.simulators[1];
  await rare?.down();
  restarted = await app.startAnother();
  const client = clientOf(restarted.url, alice.token);
  await until(async () => {
    const { data } = await client.ask('{ workflows { inputs { name choices } } }');
    const inputs: Input[] = data.workflows.flatMap(({ inputs }: { inputs: Input[] }) => inputs);
    return inputs.some(({ name, choices }) => name === 'sampler' && choices?.includes('dpm_2'));
  }, 'the catalogue of the other backend');
  const { id } = await create(client, { sampler: 'res_2s' });
  await becomes(client, (await create(client)).id, 'COMPLETED');
  expect(await read(client, id)).toMatchObject({ status: 'PENDING', attempt: 0 });
  await rare?.up();
  await becomes(client, id, 'COMPLETED');
});
