/** What each node class of ComfyUI saves or shows becomes the right part of the result, byte for byte. */
import type { Graph } from '../../../src/comfyui/index.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { finishes, tryCreate } from '../support.js';
import {
  bytesOf,
  type Kept,
  run,
  saveAudio,
  saveImages,
  saveLatent,
  savePng,
  saveText,
  saveVideo,
  saveWebm,
  saveWebp,
  sha256,
  showImages,
  showText,
  viewed,
} from './support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' }, simulator: { version: '0.33.0', stepMs: 0 } });
  alice = await signUp(app.url);
});
afterAll(() => app.close());

const SIZE = { width: 64, height: 64 };
const NO_SIZE = { width: null, height: null };

test.each<[string, Graph, Partial<Kept>]>([
  ['SaveAnimatedWEBP', saveWebp(), { contentType: 'image/webp', isAnimated: true, ...SIZE }],
  ['SaveAnimatedPNG', savePng(), { contentType: 'image/png', isAnimated: true, ...SIZE }],
  ['SaveWEBM', saveWebm(), { kind: 'VIDEO', contentType: 'video/webm', duration: 0.5, ...SIZE }],
  ['SaveVideo to MP4', saveVideo('auto'), { kind: 'VIDEO', contentType: 'video/mp4', duration: 0.5, ...SIZE }],
  ['SaveVideo to WebM', saveVideo('webm'), { kind: 'VIDEO', contentType: 'video/webm', duration: 0.5, ...SIZE }],
  ['SaveVideo to MKV', saveVideo('mkv'), { kind: 'VIDEO', contentType: 'video/x-matroska', duration: 0.5, ...SIZE }],
  ['SaveAudio', saveAudio('SaveAudio'), { kind: 'AUDIO', contentType: 'audio/flac', duration: 1, ...NO_SIZE }],
  ['SaveAudioMP3', saveAudio('SaveAudioMP3', { quality: 'V0' }), { kind: 'AUDIO', contentType: 'audio/mpeg' }],
  ['SaveAudioOpus', saveAudio('SaveAudioOpus', { quality: '64k' }), { kind: 'AUDIO', contentType: 'audio/ogg' }],
  [
    'PreviewAudio',
    saveAudio('PreviewAudio', { filename_prefix: undefined }),
    { kind: 'AUDIO', contentType: 'audio/flac', duration: 1 },
  ],
  ['SaveLatent', saveLatent(), { kind: 'LATENT', contentType: 'application/octet-stream', ...NO_SIZE }],
  ['SaveText', saveText('txt'), { kind: 'TEXT', contentType: 'text/plain' }],
  ['SaveText to Markdown', saveText('md'), { kind: 'TEXT', contentType: 'text/markdown' }],
])('what %s makes is kept with its kind, type, size and duration', async (_, graph, expected) => {
  const { id, images, files, problems } = await run(alice, { graph });
  const isImage = expected.isAnimated !== undefined;
  expect([images.length, files.length, problems]).toEqual([Number(isImage), Number(!isImage), []]);
  const [kept] = [...images, ...files] as [Kept];
  const [made] = (await viewed(app, id)) as [Buffer];
  expect(kept).toMatchObject({
    ...expected,
    output: graph.save?.class_type.toLowerCase(),
    byteSize: made.length,
    hash: sha256(made),
  });
  expect((await bytesOf(app, kept.url)).equals(made)).toBe(true);
});

test('a batch of SaveImage is kept in its order', async () => {
  const { id, images } = await run(alice, { prompt: null, graph: saveImages() });
  const made = await viewed(app, id);
  expect(images.map(({ hash }) => hash)).toEqual(made.map(sha256));
  expect(images.map(({ isAnimated }) => isAnimated)).toEqual([false, false, false, false]);
});

test('a text is kept that a node shows, and with the file of SaveText', async () => {
  expect(await run(alice, { graph: showText('héllo\nworld') })).toMatchObject({
    images: [],
    files: [],
    texts: [{ text: 'héllo\nworld', output: 'previewany' }],
  });
  expect((await run(alice, { graph: saveText('json') })).texts).toEqual([{ text: 'héllo\nworld', output: 'savetext' }]);
});

test('previews count only where no file was saved', async () => {
  const shown = await run(alice, { graph: showImages() });
  expect(shown.images).toHaveLength(4);
  expect((await bytesOf(app, shown.images[0]?.url ?? '')).length).toBe(shown.images[0]?.byteSize);
  const both = { ...showImages(), ...saveText('txt'), show: showImages().save } as Graph;
  expect(await run(alice, { graph: both })).toMatchObject({ images: [], files: [{ output: 'savetext' }] });
  // A text does not replace the images.
  const withText = { ...showImages(), tell: showText('x').save, text: showText('x').text } as Graph;
  const all = await run(alice, { graph: withText });
  expect(all.images).toHaveLength(4);
  expect(all).toMatchObject({ texts: [{ text: 'x', output: 'previewany' }] });
});

test('a graph that makes nothing ends with NO_OUTPUT', async () => {
  app.simulator.at('output', 'omit', { times: Number.POSITIVE_INFINITY });
  const { data } = await tryCreate(alice, { graph: saveImages() });
  const end = await finishes(alice, data.createGeneration.id);
  app.simulator.heal();
  expect(end.failure).toMatchObject({ code: 'NO_OUTPUT', retryable: false });
});
