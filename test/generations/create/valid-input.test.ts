/** Input just inside the bounds is accepted, and stored unchanged. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const prompt = 'a landscape';

describe('createGeneration accepts', () => {
  test.each<[claim: string, input: Record<string, unknown>]>([
    [
      'the smallest of everything',
      { prompt: 'x', steps: 1, guidance: 0, width: 64, height: 64, batchSize: 1, seed: 0, priority: -10 },
    ],
    [
      'the largest of everything',
      {
        prompt,
        steps: 150,
        guidance: 30,
        width: 2048,
        height: 2048,
        batchSize: 8,
        seed: '18446744073709551615',
        priority: 10,
      },
    ],
    ['10,000 emoji', { prompt: '🌄'.repeat(10_000), negativePrompt: 'x'.repeat(10_000) }],
    [
      'null for every optional input',
      { prompt, model: null, seed: null, steps: null, denoise: null, parameters: null, priority: null },
    ],
    [
      'text that looks like code',
      { prompt: `'; drop table users; -- \\ ? ?? "}},"99":{"class_type":"X <lora:../x:1> {a|b}` },
    ],
  ])('%s', async (_claim, input) => {
    const { data, errors } = await alice.ask(
      `mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { prompt seed parameters } }`,
      { input },
    );
    expect(errors).toBeUndefined();
    expect(data.createGeneration.prompt).toBe(input.prompt);
    if (input.seed !== undefined && input.seed !== null) expect(data.createGeneration.seed).toBe(String(input.seed));
  });

  test('a seed literal of the maximum size, with every digit', async () => {
    const { data } = await alice.ask(
      'mutation { createGeneration(input: { prompt: "x", seed: 18446744073709551615 }) { seed parameters } }',
    );
    expect(data.createGeneration).toMatchObject({
      seed: '18446744073709551615',
      parameters: { seed: '18446744073709551615' },
    });
  });
});
