/** Previews at their signed URLs, while a generation runs. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

/** Slow enough for three previews. */
const STEP_MS = 60;
const STEPS = 150;

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    simulator: { stepMs: STEP_MS, previewSize: 64 },
    timings: { progressIntervalMs: 20, previewIntervalMs: 50 },
  });
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const get = (url: string) => fetch(app.url + url);
const create = async (): Promise<string> => {
  const { data } = await alice.ask(
    `mutation { createGeneration(input: { prompt: "x", steps: ${STEPS}, width: 64, height: 64 }) { id } }`,
  );
  return data.createGeneration.id;
};
const read = async (id: string) =>
  (await alice.ask(`{ generation(id: "${id}") { status progress { previewUrl } } }`)).data.generation;
const nextPreview = (id: string, known: readonly string[] = []): Promise<string> =>
  until(async () => {
    const url: string | undefined = (await read(id)).progress?.previewUrl;
    return url !== undefined && !known.includes(url) && url;
  }, 'a new preview');

test('every preview has its own URL, which has no content once the generation has ended', async () => {
  const id = await create();
  const urls: string[] = [];
  while (urls.length < 3) {
    const url = await nextPreview(id, urls);
    const answer = await get(url);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect((await get(url.replace(/signature=.{4}/, 'signature=AAAA'))).status).toBe(404);
    urls.push(url);
  }
  await alice.ask(`mutation { cancelGeneration(id: "${id}") { id } }`);
  await until(async () => (await read(id)).status === 'CANCELED', 'the generation to be CANCELED');
  for (const url of urls) {
    expect((await get(url)).status).toBe(204);
    expect((await get(url.replace(/signature=.{4}/, 'signature=AAAA'))).status).toBe(404);
  }
});

test('the previews of a deleted generation are gone at once, even while ComfyUI still runs it', async () => {
  const id = await create();
  const url = await nextPreview(id);
  expect((await get(url)).status).toBe(200);
  app.simulator.hold();
  await alice.ask(`mutation { deleteGeneration(id: "${id}") }`);
  expect((await get(url)).status).toBe(404);
  app.simulator.release();
});
