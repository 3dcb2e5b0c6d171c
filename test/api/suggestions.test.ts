/** An unknown name gets the nearest names as suggestions: at most five. */
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  const checkpoints = Array.from({ length: 9 }, (_, index) => `model-${index}.safetensors`);
  app = await startTestApp({ simulator: { checkpoints } });
  alice = await signUp(app.url);
  await allOnline(alice);
});
afterAll(() => app?.close());

async function rejected(input: object) {
  const query = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
  const { errors = [] } = await alice.ask(query, { input: { prompt: 'x', ...input } });
  expect(errors).toHaveLength(1);
  return errors[0] as { message: string; extensions: { suggestions: string[] } };
}

test.each<[claim: string, input: object, nearest: string]>([
  ['a sampler with a typo', { sampler: 'eulr' }, 'euler'],
  ['a sampler by its name elsewhere', { sampler: 'DPM++ 2M' }, 'dpmpp_2m'],
  ['a scheduler in capitals', { scheduler: 'KARRAS' }, 'karras'],
  ['a model with a typo', { model: 'modle-3' }, 'model-3'],
  ['a workflow with a typo', { workflow: 'text-to-imge' }, 'text-to-image'],
  ['an input with a typo', { parameters: { guidence: 5 } }, 'guidance'],
])('%s gets the intended name first', async (_, input, nearest) => {
  const { extensions } = await rejected(input);
  expect(extensions.suggestions[0]).toBe(nearest);
  expect(extensions.suggestions.length).toBeLessThanOrEqual(5);
});

test.each<[claim: string, input: object]>([
  ['a sampler', { sampler: '?' }],
  ['a scheduler', { scheduler: '' }],
  ['a model', { model: '?' }],
  ['an input', { parameters: { '?': 1 } }],
])('%s unlike any other gets five suggestions', async (_, input) => {
  const { message, extensions } = await rejected(input);
  expect(extensions.suggestions).toHaveLength(5);
  expect(message.length).toBeLessThan(200);
});
