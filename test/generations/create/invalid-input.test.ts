/** Invalid input of `createGeneration`: the same errors over every transport, and nothing is created. */
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { type ExpectedError, errorOf, type Payload, TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
  await allOnline(alice);
});
afterAll(() => app?.close());

const query = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const prompt = 'a landscape';
const source = randomUUID();
const WORKFLOWS = ['text-to-image', 'image-to-image', 'sdxl', 'sdxl-image-to-image', 'test-card'];

/** Rejected by the resolver, which names the input. */
const named = (field: string, suggestions?: string[]): ExpectedError => ({
  code: 'BAD_USER_INPUT',
  field,
  ...(suggestions && { suggestions }),
  path: ['createGeneration'],
});
/** Rejected by a scalar, before any resolver runs. */
const BY_SCALAR: ExpectedError = { code: 'BAD_USER_INPUT' };
const BY_VALIDATION: ExpectedError = { code: 'GRAPHQL_VALIDATION_FAILED' };

const countOf = async (client: Client): Promise<number> =>
  (await client.ask('{ generations { totalCount } }')).data.generations.totalCount;

describe.each(TRANSPORTS)('over %s', (_, send) => {
  const expectRejected = async (payload: Payload, error: object) => {
    const before = await countOf(alice);
    expect(errorOf(await send(app.url, alice.token, payload))).toEqual(error);
    expect(await countOf(alice)).toBe(before);
  };

  test.each<[claim: string, input: Record<string, unknown>, error: ExpectedError]>([
    [
      'an unknown model, with suggestions,',
      { prompt, model: 'stable-difusion-1.5' },
      named('model', ['stable-diffusion-1.5']),
    ],
    ['a path in place of a model', { prompt, model: '../../etc/passwd' }, named('model', expect.anything())],
    [
      'a model of look-alike letters',
      { prompt, model: 'stаble-diffusion-1.5' },
      named('model', ['stable-diffusion-1.5']),
    ],
    ['a model with a NUL character', { prompt, model: 'a\0b' }, named('model')],
    [
      'an unknown workflow, with suggestions,',
      { prompt, workflow: 'text-to-imag' },
      named('workflow', ['text-to-image']),
    ],
    ['a workflow unlike any other, with all names,', { prompt, workflow: '?' }, named('workflow', WORKFLOWS)],
    ['an unknown sampler', { prompt, sampler: 'magic' }, named('sampler', expect.arrayContaining(['euler']))],
    ['an unknown scheduler', { prompt, scheduler: 'magic' }, named('scheduler', expect.arrayContaining(['karras']))],
    ['an unknown parameter', { prompt, parameters: { magic: 1 } }, named('magic', expect.arrayContaining(['steps']))],
    [
      'a parameter named like a property of every object',
      { prompt, parameters: { toString: 1 } },
      named('toString', expect.anything()),
    ],
    ['an input that the workflow does not take', { prompt, denoise: 0.5 }, named('denoise', expect.anything())],
    [
      'a source where the workflow takes none',
      { prompt, workflow: 'text-to-image', source },
      named('source', expect.anything()),
    ],
    ['an input given twice', { prompt, steps: 4, parameters: { steps: 4 } }, named('steps')],
    ['parameters that are a list', { prompt, parameters: [1] }, named('parameters')],
    ['parameters that are a string', { prompt, parameters: 'steps=4' }, named('parameters')],
    ['a parameter of the wrong type', { prompt, parameters: { width: '512' } }, named('width')],
    ['a parameter that is an object for SQL', { prompt, parameters: { model: { $ne: null } } }, named('model')],
    ['a missing prompt', {}, named('prompt')],
    ['an empty prompt', { prompt: '' }, named('prompt')],
    ['a prompt of spaces', { prompt: ' \t\n\u00a0\u3000' }, named('prompt')],
    ['a prompt of 10,001 characters', { prompt: 'x'.repeat(10_001) }, named('prompt')],
    ['a prompt of 10,001 emoji', { prompt: '🌄'.repeat(10_001) }, named('prompt')],
    ['a prompt with a NUL character', { prompt: 'a\0b' }, named('prompt')],
    ['a prompt with half a surrogate pair', { prompt: 'a\ud800b' }, named('prompt')],
    ['a negative prompt of 10,001 characters', { prompt, negativePrompt: 'x'.repeat(10_001) }, named('negativePrompt')],
    ['a negative prompt with a NUL character', { prompt, negativePrompt: '\0' }, named('negativePrompt')],
    ['0 steps', { prompt, steps: 0 }, named('steps')],
    ['151 steps', { prompt, steps: 151 }, named('steps')],
    ['a guidance below 0', { prompt, guidance: -0.1 }, named('guidance')],
    ['a guidance above 30', { prompt, guidance: 30.1 }, named('guidance')],
    ['a width of 56', { prompt, width: 56 }, named('width')],
    ['a width of 2056', { prompt, width: 2056 }, named('width')],
    ['a width of 0', { prompt, width: 0 }, named('width')],
    ['a width between two multiples of 8', { prompt, width: 513 }, named('width')],
    ['a height of 56', { prompt, height: 56 }, named('height')],
    ['a height of 2056', { prompt, height: 2056 }, named('height')],
    ['a height between two multiples of 8', { prompt, height: 100 }, named('height')],
    ['a batch of 0', { prompt, batchSize: 0 }, named('batchSize')],
    ['a batch of 9', { prompt, batchSize: 9 }, named('batchSize')],
    ['a denoise below 0', { prompt, source, denoise: -0.1 }, named('denoise')],
    ['a denoise above 1', { prompt, source, denoise: 1.1 }, named('denoise')],
    ['a priority of 11', { prompt, priority: 11 }, named('priority')],
    ['a priority of -11', { prompt, priority: -11 }, named('priority')],
    ['a missing source', { prompt, workflow: 'image-to-image' }, named('source')],
    ['an unknown source', { prompt, source }, { code: 'NOT_FOUND', path: ['createGeneration'] }],
    ['an invalid source', { prompt, source: '../x' }, { code: 'NOT_FOUND', path: ['createGeneration'] }],
    ['more steps than an Int holds', { prompt, steps: 2 ** 31 }, BY_SCALAR],
    ['one and a half steps', { prompt, steps: 1.5 }, BY_SCALAR],
    ['steps in a string', { prompt, steps: '4' }, BY_SCALAR],
    ['a prompt that is a number', { prompt: 4 }, BY_SCALAR],
    ['an unknown input', { prompt, userId: source }, BY_SCALAR],
    ['a seed of -1', { prompt, seed: -1 }, BY_SCALAR],
    ['a seed of "-1"', { prompt, seed: '-1' }, BY_SCALAR],
    ['a seed of 2^64', { prompt, seed: '18446744073709551616' }, BY_SCALAR],
    ['a seed in hexadecimal', { prompt, seed: '0x10' }, BY_SCALAR],
    ['an empty seed', { prompt, seed: '' }, BY_SCALAR],
    ['a fractional seed', { prompt, seed: 0.5 }, BY_SCALAR],
    ['a seed that is a boolean', { prompt, seed: true }, BY_SCALAR],
    ['a seed of -1 in parameters', { prompt, parameters: { seed: -1 } }, named('seed')],
    ['a seed of 2^64 in parameters', { prompt, parameters: { seed: '18446744073709551616' } }, named('seed')],
  ])('%s is rejected', async (_claim, input, error) => {
    await expectRejected({ query, variables: { input } }, error);
  });

  // JSON.stringify would change these values.
  test.each<[claim: string, inputJson: string, error: ExpectedError]>([
    ['a seed above 2^53-1 as a number', '"seed": 9007199254740993', BY_SCALAR],
    ['a seed of 1e400', '"seed": 1e400', BY_SCALAR],
    ['a guidance of 1e400', '"guidance": 1e400', BY_SCALAR],
    ['a number above 2^53-1 in parameters', '"parameters": {"seed": 9007199254740993}', named('seed')],
    ['a number below -(2^53-1) in parameters', '"parameters": {"seed": -9007199254740993}', named('seed')],
    ['1e400 in parameters', '"parameters": {"guidance": 1e400}', named('guidance')],
    [
      'a parameter called __proto__',
      '"parameters": {"__proto__": {"steps": 4}}',
      named('__proto__', expect.anything()),
    ],
  ])('%s is rejected', async (_claim, inputJson, error) => {
    const text = `{"query": ${JSON.stringify(query)}, "variables": {"input": {"prompt": "x", ${inputJson}}}}`;
    await expectRejected(text, error);
  });

  test.each<[claim: string, literal: string, error: ExpectedError]>([
    ['a seed of -1', 'seed: -1', BY_VALIDATION],
    ['a seed of 2^64', 'seed: 18446744073709551616', BY_VALIDATION],
    ['a fractional seed', 'seed: 1.5', BY_VALIDATION],
    ['a seed that is a name', 'seed: RANDOM', BY_VALIDATION],
    ['more steps than an Int holds', 'steps: 2147483648', BY_VALIDATION],
    ['an unknown input', 'magic: 1', BY_VALIDATION],
    ['a number above 2^53-1 in parameters', 'parameters: { seed: 9007199254740993 }', named('seed')],
  ])('%s in the document is rejected', async (_claim, literal, error) => {
    await expectRejected({ query: `mutation { createGeneration(input: { prompt: "x", ${literal} }) { id } }` }, error);
  });

  test('a missing variable is rejected', async () => {
    await expectRejected({ query, variables: {} }, BY_SCALAR);
  });

  test('many invalid variables are BAD_USER_INPUT', async () => {
    const variables = { input: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`unknown${index}`, 1])) };
    const { errors = [] } = await send(app.url, alice.token, { query, variables });
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
  });
});
