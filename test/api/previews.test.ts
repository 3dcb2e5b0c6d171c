/** Previews at their signed URLs, while a generation runs. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const get = (url: string) => fetch(app.url + url);

describe('a preview', () => {
  const PROGRESS = 'subscription ($id: ID!) { generationUpdated(id: $id) { status progress { previewUrl } } }';

  /** Lets it run step by step, and calls for every new preview URL. */
  async function watchPreviews(
    id: string,
    onPreview: (url: string, count: number) => Promise<void>,
  ): Promise<string[]> {
    const urls = new Set<string>();
    for await (const { data } of alice.watch(PROGRESS, { id })) {
      const url = data.generationUpdated.progress?.previewUrl;
      if (url && !urls.has(url)) await onPreview(url, urls.add(url).size);
      if (urls.size < 3) await app.simulator.advance();
      else app.simulator.release();
    }
    return [...urls];
  }

  test('has a new URL for every frame, which works while it runs and not after', async () => {
    app.simulator.hold();
    const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 20 }) { id } }');
    const urls = await watchPreviews(data.createGeneration.id, async (url) => {
      const answer = await get(url);
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'image/jpeg',
        'cache-control': 'private, no-store',
        'x-content-type-options': 'nosniff',
      });
      expect((await get(url.replace(/signature=.{4}/, 'signature=AAAA'))).status).toBe(404);
    });
    expect(urls.length).toBeGreaterThanOrEqual(3);
    for (const url of urls) expect((await get(url)).status).toBe(404);
  });

  test('is gone with its generation, also while that has not stopped yet', async () => {
    app.simulator.hold();
    const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 20 }) { id } }');
    const { id } = data.createGeneration;
    await watchPreviews(id, async (url) => {
      await alice.ask(`mutation { deleteGeneration(id: "${id}") }`);
      expect((await get(url)).status).toBe(404);
    });
    app.simulator.release();
  });
});
