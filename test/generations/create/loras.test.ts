/** LoRAs: validated by name, and applied in a chain. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { becomes, create, executedGraph, tryCreate } from '../support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ simulator: { loras: ['paint.safetensors', 'style/ink.safetensors'] } });
  alice = await signUp(app.url);
});
afterAll(() => app.close());

const extensionsFor = async (input: Record<string, unknown>) => {
  const { errors } = await tryCreate(alice, { prompt: 'a hill', ...input });
  return { message: errors?.[0]?.message, ...errors?.[0]?.extensions };
};

test('model and clip pass through each LoRA in turn, and the prompts and the sampler take the last', async () => {
  const { id } = await create(alice, { loras: [{ name: 'paint' }, { name: 'style/ink.safetensors', strength: -0.5 }] });
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.parameters.loras).toEqual([
    { name: 'paint', strength: 1 },
    { name: 'style/ink', strength: -0.5 },
  ]);
  const { lora1, lora2, positive, negative, sampler, decode } = await executedGraph(app, id);
  expect(lora1).toMatchObject({
    class_type: 'LoraLoader',
    inputs: {
      model: ['checkpoint', 0],
      clip: ['checkpoint', 1],
      lora_name: 'paint.safetensors',
      strength_model: 1,
      strength_clip: 1,
    },
  });
  expect(lora2?.inputs).toEqual({
    model: ['lora1', 0],
    clip: ['lora1', 1],
    lora_name: 'style/ink.safetensors',
    strength_model: -0.5,
    strength_clip: -0.5,
  });
  expect([positive, negative].map((node) => node?.inputs.clip)).toEqual(Array(2).fill(['lora2', 1]));
  expect([sampler?.inputs.model, decode?.inputs.vae]).toEqual([
    ['lora2', 0],
    ['checkpoint', 2],
  ]);
});

test('a retry uses the same LoRAs, and a generation without them has no LoRA node', async () => {
  const first = await create(alice, { loras: [{ name: 'paint', strength: 0.25 }] });
  await becomes(alice, first.id, 'COMPLETED');
  const { data } = await alice.ask('mutation ($id: ID!) { retryGeneration(id: $id) { id parameters } }', first);
  expect(data.retryGeneration.parameters.loras).toEqual([{ name: 'paint', strength: 0.25 }]);
  const plain = await create(alice);
  await becomes(alice, plain.id, 'COMPLETED');
  expect(Object.values(await executedGraph(app, plain.id)).map(({ class_type }) => class_type)).not.toContain(
    'LoraLoader',
  );
});

test('an unknown LoRA is rejected with similar names', async () => {
  expect(await extensionsFor({ loras: [{ name: 'pain' }] })).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'loras',
    suggestions: expect.arrayContaining(['paint']),
  });
});

test.each<[string, unknown, RegExp]>([
  ['nine LoRAs', Array(9).fill({ name: 'paint' }), /at most 8 LoRAs, not 9/],
  ['a strength beyond the bounds', [{ name: 'paint', strength: 10.5 }], /strength of paint must be from -10 to 10/],
])('%s are rejected', async (_, loras, message) => {
  expect(await extensionsFor({ loras })).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'loras',
    message: expect.stringMatching(message),
  });
});

test.each<[string, unknown]>([
  ['text', 'paint'],
  ['a name alone', ['paint']],
  ['null', [null]],
  ['a list in a list', [[]]],
  ['a strength as text', [{ name: 'paint', strength: '1' }]],
  ['another member', [{ name: 'paint', weight: 1 }]],
  ['__proto__', [JSON.parse('{ "name": "paint", "__proto__": 1 }')]],
])('%s in parameters is no list of LoRAs', async (_, loras) => {
  expect(await extensionsFor({ parameters: { loras } })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'loras' });
});

test('a workflow that takes no LoRAs rejects them', async () => {
  const { errors } = await alice.ask(
    'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }',
    { input: { workflow: 'test-card', loras: [{ name: 'paint' }] } },
  );
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'loras' });
});
