/** The same bytes of one account are stored once, and stay as long as anything of the account has them. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  codeOf,
  create,
  dataOf,
  filesOf,
  filesSettle,
  QUICK,
  read,
  remove,
  sql,
  storedFiles,
  tryCreate,
} from '../support.js';
import { bytesOf, run, saveAudio, saveText, saveVideo } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({
    env: { WORKFLOW_AUTHORS: 'users' },
    simulator: { version: '0.33.0', stepMs: 0 },
    timings: QUICK,
  });
  alice = await signUp(app.url);
});
afterAll(() => app.close());

test('equal results are stored once, and outlive the deletion of all but one', async () => {
  const first = await run(alice, { graph: saveText('txt') });
  const [second, third] = [await run(alice, { graph: saveText('txt') }), await run(alice, { graph: saveText('txt') })];
  const [file] = await filesOf(app, first.id);
  for (const { id } of [second, third]) expect(await filesOf(app, id)).toEqual([file]);
  for (const { id } of [first, third]) await remove(alice, id);
  await filesSettle(app);
  expect((await bytesOf(app, second.files[0]?.url ?? '')).toString()).toBe('héllo\nworld');
  await remove(alice, second.id);
  await until(async () => !(await storedFiles(app)).includes(String(file)), 'the file to be removed');
});

test('another account has its own copy', async () => {
  const bob = await signUp(app.url);
  const ids = [(await run(alice, { graph: saveText('md') })).id, (await run(bob, { graph: saveText('md') })).id];
  const files = (await Promise.all(ids.map((id) => filesOf(app, id)))).flat();
  expect(files.map((file) => file.split('/')[0])).toEqual([alice.id, bob.id]);
});

test('jobs that save the same bytes at once all complete, and leave one file', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, () => run(alice, { graph: saveText('csv') })));
  const files = await Promise.all(all.map(({ id }) => filesOf(app, id)));
  expect(new Set(files.flat()).size).toBe(1);
  await filesSettle(app);
});

test('results that are made and deleted at once leave neither a file without a row nor a row without its file', async () => {
  for (let round = 0; round < 5; round += 1) {
    const old = await run(alice, { graph: saveText('json') });
    const [made] = await Promise.all([run(alice, { graph: saveText('json') }), remove(alice, old.id)]);
    await filesSettle(app);
    expect((await bytesOf(app, made.files[0]?.url ?? '')).toString()).toBe('héllo\nworld');
    await remove(alice, made.id);
  }
});

test('image-to-image stores its source once', async () => {
  const { id, result } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const before = await storedFiles(app);
  const again = await becomes(alice, (await create(alice, { source: result?.images[0]?.id })).id, 'COMPLETED');
  const [source] = await filesOf(app, id);
  expect(await filesOf(app, again.id)).toContain(source);
  expect(await storedFiles(app)).toHaveLength(before.length + 1);
});

test('a creation whose source is deleted at the same time keeps the source, or is NOT_FOUND', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id, result } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
    const [answer] = await Promise.all([
      tryCreate(alice, { prompt: 'a hill', source: result?.images[0]?.id }),
      remove(alice, id),
    ]);
    if (answer.errors) expect(answer.errors[0]?.extensions.code).toBe('NOT_FOUND');
    else await becomes(alice, answer.data.createGeneration.id, 'COMPLETED');
  }
  await filesSettle(app);
});

test('a file of a result is an input where its kind fits', async () => {
  const LOAD = (class_type: string, input: string) => ({
    load: { class_type, inputs: { [input]: 'x' } },
    tell: { class_type: 'PreviewAny', inputs: { source: ['load', 0] } },
  });
  const [video, audio] = [
    await run(alice, { graph: saveVideo('mp4') }),
    await run(alice, { graph: saveAudio('SaveAudio') }),
  ];
  const inputs = [
    ['LoadVideo', 'file', video],
    ['LoadAudio', 'audio', audio],
  ] as const;
  for (const [classType, input, { files }] of inputs) {
    const parameters = { [`load.${input}`]: files[0]?.id };
    expect((await run(alice, { graph: LOAD(classType, input), parameters })).texts).toHaveLength(1);
  }
  const parameters = { 'load.file': audio.files[0]?.id };
  const { errors } = await tryCreate(alice, { graph: LOAD('LoadVideo', 'file'), parameters });
  expect(errors?.[0]).toMatchObject({
    message: 'load.file must be a video, not audio/flac',
    extensions: { code: 'BAD_USER_INPUT', field: 'load.file' },
  });
  expect(await codeOf(tryCreate(alice, { prompt: 'x', source: video.files[0]?.id }))).toBe('BAD_USER_INPUT');
});

test('storage counts the same bytes once', async () => {
  const carol = await signUp(app.url);
  const [one] = [await run(carol, { graph: saveText('txt') }), await run(carol, { graph: saveText('txt') })];
  const { storage } = await dataOf(carol.ask('{ storage { generations byteSize } }'));
  expect(storage).toEqual({ generations: 2, byteSize: one.files[0]?.byteSize });
  expect((await read(carol, one.id)).status).toBe('COMPLETED');
  expect(await sql(app, 'select from blobs where user_id = $1', [carol.id])).toHaveLength(1);
});
