/** Files are identified by their bytes: only texts also by their names. */
import { truncate } from 'node:fs/promises';
import sharp from 'sharp';
import { InvalidImageError } from '../../../src/assets/media/image.js';
import { probeMedia } from '../../../src/assets/media/probe.js';
import * as files from './support.js';

const probe = async (bytes: Uint8Array | string, name = 'x.bin') => await probeMedia(await files.saved(name, bytes));

test.each<[string, () => Promise<Buffer> | Buffer, object]>([
  [
    'PNG',
    () => files.noise(48, 32).png().toBuffer(),
    { contentType: 'image/png', extension: 'png', isAnimated: false },
  ],
  [
    'AVIF',
    () => files.noise(48, 32).avif().toBuffer(),
    { contentType: 'image/avif', extension: 'avif', isAnimated: false },
  ],
  ['animated PNG', files.animatedPng, { contentType: 'image/png', extension: 'png', isAnimated: true }],
  ['animated WebP', files.animatedWebp, { contentType: 'image/webp', extension: 'webp', isAnimated: true }],
  ['animated GIF', files.animatedGif, { contentType: 'image/gif', extension: 'gif', isAnimated: true }],
])('the bytes of %s name an image with its size and a ThumbHash', async (_, bytes, expected) => {
  expect(await probe(await bytes(), 'x.mp4')).toEqual({
    kind: 'IMAGE',
    width: 48,
    height: 32,
    duration: null,
    thumbHash: expect.stringMatching(/^[\w+/]{8,}=*$/),
    ...expected,
  });
});

test('the size of a turned image is the size that is shown', async () => {
  const turned = await files.noise(48, 32).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  expect(await probe(turned)).toMatchObject({ contentType: 'image/jpeg', width: 32, height: 48 });
});

test.each<[string, () => Promise<Buffer>, object]>([
  ['MP4', files.mp4, { contentType: 'video/mp4', extension: 'mp4' }],
  ['WebM', files.webm, { contentType: 'video/webm', extension: 'webm' }],
  ['Matroska', files.mkv, { contentType: 'video/x-matroska', extension: 'mkv' }],
])('the bytes of %s name a video with its size and duration', async (_, bytes, expected) => {
  const info = { kind: 'VIDEO', width: 48, height: 32, duration: 1.5, isAnimated: false, thumbHash: null };
  expect(await probe(await bytes(), 'x.png')).toEqual({ ...info, ...expected });
});

test.each<[string, () => Buffer, string, string]>([
  ['FLAC', files.flac, 'audio/flac', 'flac'],
  ['MP3', files.mp3, 'audio/mpeg', 'mp3'],
  ['Opus', files.opus, 'audio/ogg', 'ogg'],
  ['WAV', () => files.writeWav(2), 'audio/wav', 'wav'],
])('the bytes of %s name a sound with its duration', async (_, bytes, contentType, extension) => {
  const { duration, ...info } = await probe(bytes());
  expect(info).toMatchObject({ kind: 'AUDIO', contentType, extension, width: null });
  expect(duration).toBeCloseTo(2, 1);
});

const stl = Buffer.alloc(84 + 50);
stl.writeUInt32LE(1, 80);

test.each<[kind: string, contentType: string, extension: string, name: string, bytes: Buffer | string]>([
  ['MODEL_3D', 'model/gltf-binary', 'glb', 'a.bin', files.glb()],
  ['MODEL_3D', 'model/gltf+json', 'gltf', 'a.gltf', '{"asset":{"version":"2.0"}}'],
  ['MODEL_3D', 'model/obj', 'obj', 'a.OBJ', '# a cube\nv 0 0 1\nv 1 0 0\nf 1 2 2\n'],
  ['MODEL_3D', 'model/stl', 'stl', 'a.stl', 'solid a\nendsolid a\n'],
  ['MODEL_3D', 'model/stl', 'stl', 'a.bin', stl],
  ['MODEL_3D', 'application/octet-stream', 'ply', 'a.bin', 'ply\nformat ascii 1.0\n'],
  ['LATENT', 'application/octet-stream', 'latent', 'a.png', files.latent()],
  ['LATENT', 'application/octet-stream', 'safetensors', 'a.png', Buffer.from('\x02\0\0\0\0\0\0\0{}')],
  ['TEXT', 'text/plain', 'txt', 'a.txt', 'héllo\n'],
  ['TEXT', 'application/json', 'json', 'a.json', '{"a": 1}'],
  ['TEXT', 'text/plain', 'txt', 'a.json', 'no JSON'],
  ['TEXT', 'text/csv', 'csv', 'a.csv', 'a,b\n1,2\n'],
  ['TEXT', 'text/markdown', 'md', 'a.md', '# Title\n'],
  ['TEXT', 'text/plain', 'txt', 'a.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['TEXT', 'text/plain', 'txt', 'a.png', '<!doctype html><script>alert(1)</script>'],
  ['TEXT', 'text/plain', 'txt', 'a.xml', '<?xml version="1.0"?><a/>'],
  ['FILE', 'image/x-exr', 'exr', 'a.bin', Buffer.from('v/1\x01\x02\0\0\0')],
  ['FILE', 'image/heic', 'heic', 'a.bin', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
  ['FILE', 'application/octet-stream', 'zip', 'a.png', Buffer.from('PK\x03\x04\x14\0\0\0')],
  ['FILE', 'application/octet-stream', 'bin', 'a.html', Buffer.from('\xff\xfe<\0b\0>\0', 'latin1')],
  ['FILE', 'application/octet-stream', 'bin', 'a.html', ''],
  ['FILE', 'application/octet-stream', 'bin', 'a.png', Buffer.alloc(1_000)],
])('%s, %s and %s is the file %s (%#)', async (kind, contentType, extension, name, bytes) => {
  expect(await probe(bytes, name)).toMatchObject({ kind, contentType, extension, duration: null, thumbHash: null });
});

test('a TIFF is a file, because browsers do not show it', async () => {
  expect(
    await probe(
      await sharp(await files.noise(9, 9).png().toBuffer())
        .tiff()
        .toBuffer(),
    ),
  ).toMatchObject({
    kind: 'FILE',
    contentType: 'image/tiff',
  });
});

test('a name beside the path tells texts apart', async () => {
  expect(await probeMedia(await files.saved('x', 'a,b\n'), 'table.csv')).toMatchObject({ contentType: 'text/csv' });
});

const patched = (bytes: Buffer, name: string, patch: (bytes: Buffer, at: number) => void): Buffer => {
  const copy = Buffer.from(bytes);
  patch(copy, copy.indexOf(name));
  return copy;
};

test.each<[string, () => Promise<Buffer> | Buffer]>([
  [
    'an MP4 with a lying length',
    async () => patched(await files.mp4(), 'mdat', (b, at) => b.writeUInt32BE(0x7fffffff, at - 4)),
  ],
  [
    'an MP4 whose movie box lies',
    async () => patched(await files.mp4(), 'mvhd', (b, at) => b.writeUInt32BE(0x7fffffff, at - 4)),
  ],
  ['half an MP4', async () => (await files.mp4()).subarray(0, 300)],
  ['an MP4 without a film', () => Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom')],
  ['half a WebM', async () => (await files.webm()).subarray(0, 300)],
  ['a WebM of a header', async () => (await files.webm()).subarray(0, 40)],
  ['the signature of a FLAC', () => Buffer.from('fLaC')],
  ['a WAV without sound', () => Buffer.from('RIFF\x04\0\0\0WAVE')],
  ['a GLB with a lying length', () => patched(files.glb(), 'glTF', (b, at) => b.writeUInt32LE(0x7fffffff, at + 8))],
  ['safetensors with a lying header', () => Buffer.from('\xff\xff\xff\x7f\0\0\0\0{"a":1}', 'latin1')],
  ['the signature of an Ogg', () => Buffer.from('OggS')],
])('%s is a file of unknown type', async (_, bytes) => {
  expect(await probe(await bytes())).toMatchObject({
    kind: 'FILE',
    contentType: 'application/octet-stream',
    extension: 'bin',
  });
});

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['HTML after the signature of a GIF', () => Buffer.from('GIF89a/*<script>alert(1)</script>*/')],
  ['an animated PNG without its last frame', async () => (await files.animatedPng()).subarray(0, -3_000)],
  ['an animated WebP without its last frame', async () => (await files.animatedWebp()).subarray(0, -600)],
  ['an animated GIF without its last frame', async () => (await files.animatedGif()).subarray(0, -600)],
  ['half an AVIF', async () => (await files.noise(200, 200).avif().toBuffer()).subarray(0, 1_000)],
])('%s is an invalid image', async (_, bytes) => {
  await expect(probe(await bytes())).rejects.toBeInstanceOf(InvalidImageError);
});

test('a file of many gigabytes is identified by small pieces of it', async () => {
  const path = await files.saved('x.mp4', Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\0mdat'));
  await truncate(path, 20 * 2 ** 30);
  const before = process.memoryUsage().arrayBuffers;
  expect(await probeMedia(path)).toMatchObject({ kind: 'FILE' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});
