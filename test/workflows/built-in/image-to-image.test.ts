/**
 * A generation starts from one of the viewer's pictures, and keeps it, so that the source can be deleted later.
 *
 * @slow: makes many pictures.
 */
import { randomUUID } from 'node:crypto';
import {
  becomes,
  cancel,
  codeOf,
  create,
  expectTrueEnd,
  filesOf,
  type ImageSnapshot,
  occupy,
  read,
  remove,
  settles,
  tryCreate,
} from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

async function pictureOf(client: Client): Promise<{ generation: string; image: ImageSnapshot }> {
  const { id, result } = await becomes(client, (await create(client)).id, 'COMPLETED');
  const [image] = result?.images ?? [];
  if (!image) throw new Error('There is no picture');
  return { generation: id, image };
}

test('a source selects image-to-image, and its batch repaints the viewer’s picture', async () => {
  const { image } = await pictureOf(alice);
  const { id } = await create(alice, { source: image.id, denoise: 0.4, batchSize: 3 });
  const end = await becomes(alice, id, 'COMPLETED');
  await expectTrueEnd(app, end);
  expect(end.parameters).toMatchObject({ source: image.id, denoise: 0.4, batchSize: 3 });
  expect(end.result?.images).toHaveLength(3);
});

test('a result of image-to-image can be repainted again', async () => {
  const { image } = await pictureOf(alice);
  const first = await becomes(alice, (await create(alice, { source: image.id })).id, 'COMPLETED');
  const second = await create(alice, { source: first.result?.images[0]?.id });
  await expectTrueEnd(app, await becomes(alice, second.id, 'COMPLETED'));
});

test('the source can be deleted while the generation waits, and afterwards', async () => {
  const { generation, image } = await pictureOf(alice);
  app.simulator.hold();
  const [first, second] = await occupy(app, alice);
  const { id } = await create(alice, { source: image.id });
  await remove(alice, generation);
  await until(async () => (await filesOf(app, generation)).length === 0, 'the result of the source to be removed');
  expect(await filesOf(app, id)).toHaveLength(1);
  app.simulator.release();
  for (const each of [first.id, second.id]) await becomes(alice, each, 'COMPLETED');
  const end = await becomes(alice, id, 'COMPLETED');
  await expectTrueEnd(app, end);
  expect(end.parameters.source).toBe(image.id);
  await settles(app, id);
  expect(await read(alice, id)).toEqual(end);
});

test('the source is uploaded again after a restart of ComfyUI', async () => {
  const { image } = await pictureOf(alice);
  app.simulator.at('step', 'restart');
  const { id } = await create(alice, { source: image.id });
  expect((await becomes(alice, id, 'COMPLETED')).attempt).toBe(2);
});

test('a failing upload is retried, and can be canceled', async () => {
  const { image } = await pictureOf(alice);
  const uploads = () => app.simulator.journal.requests('POST /upload/image');
  const before = uploads();
  app.simulator.at(
    'request',
    { do: 'answer', status: 500, type: 'text/plain', body: 'no' },
    {
      times: Number.POSITIVE_INFINITY,
      where: { route: 'POST /upload/image' },
    },
  );
  const { id } = await create(alice, { source: image.id });
  await until(() => uploads() > before, 'a first attempt');
  await cancel(alice, id);
  await expectTrueEnd(app, await becomes(alice, id, 'CANCELED'));
  app.simulator.heal();
  await becomes(alice, (await create(alice, { source: image.id })).id, 'COMPLETED');
});

test("another user's picture is FORBIDDEN, and an unknown one is NOT_FOUND", async () => {
  const bob = await signUp(app.url);
  const { generation, image } = await pictureOf(bob);
  const code = (source: string) => codeOf(tryCreate(alice, { prompt: 'a hill', source }));
  expect(await code(image.id)).toBe('FORBIDDEN');
  expect(await code(generation)).toBe('NOT_FOUND');
  expect(await code(randomUUID())).toBe('NOT_FOUND');
  expect(await code('../../etc/passwd')).toBe('NOT_FOUND');
  await remove(bob, generation);
  expect(await code(image.id)).toBe('NOT_FOUND');
});
