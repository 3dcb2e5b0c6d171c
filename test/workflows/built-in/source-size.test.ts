/** A picture that is made from a source has the proportions of the source unless both sides are given. */
import { becomes, create, dataOf, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';

let app: TestApp;
let alice: Client;
let wide: string;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
  wide = await pictureOf({ width: 768, height: 384 });
});
afterAll(() => app?.close());

async function pictureOf(size: { width: number; height: number }): Promise<string> {
  const { id } = await create(alice, { ...size, workflow: 'test-card', prompt: null, model: null, steps: null });
  const [image] = (await becomes(alice, id, 'COMPLETED')).result?.images ?? [];
  return String(image?.id);
}
const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id parameters } }';
/** The size in the parameters of the new generation. */
async function sizeOf(input: Record<string, unknown>): Promise<unknown> {
  const { createGeneration } = await dataOf(alice.ask(CREATE, { input: { prompt: 'a hill', steps: 1, ...input } }));
  return [createGeneration.parameters.width, createGeneration.parameters.height];
}

test('without a size the picture has the size of its source', async () => {
  const { createGeneration } = await dataOf(alice.ask(CREATE, { input: { prompt: 'a hill', steps: 1, source: wide } }));
  const { result } = await becomes(alice, createGeneration.id, 'COMPLETED');
  expect(result?.images).toEqual([expect.objectContaining({ width: 768, height: 384 })]);
});

test('a given width and height override the proportions of the source', async () => {
  expect(await sizeOf({ source: wide, width: 256, height: 256 })).toEqual([256, 256]);
});

test('a retry keeps the size', async () => {
  const { createGeneration } = await dataOf(alice.ask(CREATE, { input: { prompt: 'a hill', steps: 1, source: wide } }));
  await becomes(alice, createGeneration.id, 'COMPLETED');
  const { data } = await alice.ask('mutation ($id: ID!) { retryGeneration(id: $id) { parameters } }', {
    id: createGeneration.id,
  });
  expect(data.retryGeneration.parameters).toMatchObject({ width: 768, height: 384 });
});

test.each<[claim: string, input: Record<string, unknown>, size: [number, number]]>([
  ['the width', { width: 512 }, [512, 256]],
  ['the height', { height: 512 }, [1024, 512]],
  ['one side, in parameters', { parameters: { height: 128 } }, [256, 128]],
  ['one side as null', { width: null, height: 96 }, [192, 96]],
  ['a width whose height is not a multiple of 8', { width: 536 }, [536, 272]],
  ['a width whose height would be too small', { width: 64 }, [64, 64]],
  ['a height whose width would be too large', { height: 2048 }, [2048, 2048]],
])('with %s the size follows the proportions of the source within the limits', async (_, input, size) => {
  expect(await sizeOf({ source: wide, ...input })).toEqual(size);
});

test('without a source the size is 512 by 512, and an invalid size is BAD_USER_INPUT', async () => {
  expect(await sizeOf({})).toEqual([512, 512]);
  const { errors } = await tryCreate(alice, { prompt: 'a hill', source: wide, width: 513 });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'width' });
});
