/** A stock ComfyUI sends previews only to prompts that ask for them. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, create, read } from '../support.js';

let app: TestApp;
afterEach(() => app.close());

test.each(['0.8.0', '0.33.0'] as const)(
  'previews arrive from a ComfyUI %s that was started without an option for them',
  async (version) => {
    app = await startTestApp({ simulator: { version, previews: false } });
    const alice = await signUp(app.url);
    app.simulator.at('step', 'hold', { skip: 1 });
    const { id } = await create(alice);
    await until(async () => (await read(alice, id)).progress?.previewUrl, 'a preview');
  },
);

test('a ComfyUI too old for preview requests makes the picture without previews', async () => {
  app = await startTestApp({ simulator: { version: '0.3.64', previews: false } });
  const alice = await signUp(app.url);
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
});
