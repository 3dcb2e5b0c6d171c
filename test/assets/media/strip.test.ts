/** Copies without metadata show and sound as the original, and tell nothing about how it was made. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { probeMedia } from '../../../src/assets/media/probe.js';
import { stripMetadata, UnstrippableError } from '../../../src/assets/media/strip.js';
import { embedded } from '../../../src/workflows/import/containers/embedded.js';
import * as files from './support.js';
import { hasRightChecksums, images, others, SECRET, withExif } from './tagged.js';

async function strip(name: string, bytes: Uint8Array | string) {
  const path = await files.saved(name, bytes);
  const target = files.pathOf(name);
  await stripMetadata(path, target);
  return { path, target, stripped: readFileSync(target) };
}

/** What the importer of workflows finds in a file. */
function workflowIn(file: Buffer): unknown {
  try {
    return embedded(file);
  } catch (error) {
    if ((error as { code?: string }).code === 'BAD_USER_INPUT') return undefined;
    throw error;
  }
}

const pixels = (file: string) => sharp(file, { animated: true }).raw().toBuffer();

test.each(Object.entries(images))('a stripped %s has the same pixels, and no secret', async (name, make) => {
  const bytes = await make();
  expect(bytes.includes(SECRET)).toBe(true);
  const { path, target, stripped } = await strip(name, bytes);
  expect(stripped.includes(SECRET)).toBe(false);
  expect(workflowIn(stripped)).toBeUndefined();
  expect(await pixels(target)).toEqual(await pixels(path));
  expect(await probeMedia(target)).toEqual(await probeMedia(path));
  const { exif, xmp, icc, loop, delay } = await sharp(target, { animated: true }).metadata();
  const before = await sharp(path, { animated: true }).metadata();
  expect({ exif, xmp, icc, loop, delay }).toEqual({ icc: before.icc, loop: before.loop, delay: before.delay });
});

test('a stripped AVIF has the same pixels, and no secret', async () => {
  const bytes = await withExif(files.noise(48, 32)).avif().toBuffer();
  expect(bytes.includes(SECRET)).toBe(true);
  const { path, target, stripped } = await strip('x.avif', bytes);
  expect(stripped.includes(SECRET)).toBe(false);
  expect(await pixels(target)).toEqual(await pixels(path));
  expect(await probeMedia(target)).toEqual(await probeMedia(path));
});

test.each(Object.entries(others))('a stripped %s is the same to a player, and has no secret', async (name, make) => {
  const bytes = await make();
  expect(bytes.includes(SECRET)).toBe(true);
  const { path, target, stripped } = await strip(name, bytes);
  expect(stripped.includes(SECRET)).toBe(false);
  expect(workflowIn(stripped)).toBeUndefined();
  expect(await probeMedia(target)).toEqual(await probeMedia(path));
});

test.each(readdirSync('test/workflows/import/files'))('%s of ffmpeg or sharp loses its workflow', async (name) => {
  const bytes = readFileSync(`test/workflows/import/files/${name}`);
  expect(workflowIn(bytes)).toBeDefined();
  const { stripped } = await strip(name, bytes);
  expect(workflowIn(stripped)).toBeUndefined();
  for (const word of ['class_type', 'SaveImage', 'quoted']) expect(stripped.includes(word)).toBe(false);
});

test.each(Object.entries({ ...images, ...others }))('stripping a stripped %s changes nothing', async (name, make) => {
  const { stripped } = await strip(name, await make());
  expect((await strip(name, stripped)).stripped).toEqual(stripped);
});

test.each(['jpeg', 'webp', 'png'] as const)('a stripped %s keeps its orientation', async (format) => {
  const bytes = await files.noise(48, 32).toFormat(format).withMetadata({ orientation: 6 }).toBuffer();
  const { target, stripped } = await strip(`x.${format}`, bytes);
  expect(await sharp(stripped).metadata()).toMatchObject({ orientation: 6, autoOrient: { width: 32, height: 48 } });
  expect(await probeMedia(target)).toMatchObject({ width: 32, height: 48 });
});

test.each(['opus', 'long.opus'] as const)('the pages of a stripped %s have right checksums', async (name) => {
  const bytes = await (others[name] ?? files.opus)();
  expect(hasRightChecksums(bytes)).toBe(true);
  expect(hasRightChecksums((await strip(name, bytes)).stripped)).toBe(true);
});

test('the tensors of a stripped latent are the same', async () => {
  const latent = files.latent();
  const { stripped } = await strip('x.latent', await (others.latent ?? files.latent)());
  expect(stripped.subarray(8 + stripped.readUInt32LE(0))).toEqual(latent.subarray(8 + latent.readUInt32LE(0)));
});

test.each(['plain text', '{"nodes": []}', '<p>not closed'])('the text %s is copied', async (text) => {
  expect((await strip('x.txt', text)).stripped.toString()).toBe(text);
});

test.each<[string, () => Promise<Buffer> | Buffer | string]>([
  ['an EXR that is cut off', () => Buffer.from('v/1\x01\x02\0\0\0prompt\0string\0')],
  ['a TIFF', () => files.noise(9, 9).tiff().toBuffer()],
  ['a ZIP', () => Buffer.from('PK\x03\x04\x14\0\0\0')],
  ['zeros', () => Buffer.alloc(1_000)],
  ['nothing', () => ''],
  ['half a PNG', async () => (await files.noise(64, 64).png().toBuffer()).subarray(0, 3_000)],
  ['half a JPEG', async () => (await files.noise(64, 64).jpeg().toBuffer()).subarray(0, 900)],
  [
    'an MP4 with a track of metadata',
    async () => Buffer.from((await files.mp4()).toString('latin1').replace('vide', 'meta'), 'latin1'),
  ],
  ['half an MP4', async () => (await files.mp4()).subarray(0, 300)],
  ['half an Opus', () => files.opus().subarray(0, 150)],
  ['metadata without an end', () => '<svg><metadata>'.repeat(100_000)],
  ['metadata of another form', () => '<svg><SVG:Metadata>x</SVG:Metadata></svg>'],
])('%s is refused, and leaves no copy', async (name, make) => {
  const [path, target] = [await files.saved(name, await make()), files.pathOf(name)];
  await expect(stripMetadata(path, target)).rejects.toBeInstanceOf(UnstrippableError);
  expect(existsSync(target)).toBe(false);
});
