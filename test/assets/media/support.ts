/** Files of every kind, as the simulator's nodes and sharp write them. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { writeAnimatedPng, writeAnimatedWebp } from '../../../src/simulator/files/animations.js';
import { writeMkv, writeWebm } from '../../../src/simulator/files/matroska.js';
import { writeGlb, writeLatent } from '../../../src/simulator/files/models.js';
import { writeMp4 } from '../../../src/simulator/files/mp4.js';
import { writeFlac, writeMp3, writeOpus } from '../../../src/simulator/files/sounds.js';
import { type Bitmap, toBitmap } from '../../../src/simulator/pictures/bitmap.js';

/** The temporary folder of a test run is removed after it. */
const folder = await mkdtemp(join(tmpdir(), 'comfygraph-media-'));

let count = 0;
export const pathOf = (name: string): string => join(folder, `${++count}-${name}`);

export async function saved(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = pathOf(name);
  await writeFile(path, bytes);
  return path;
}

export const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#123456', noise: { type: 'gaussian', mean: 99, sigma: 30 } },
  });

export const frames = (count: number, width = 48, height = 32): Promise<Bitmap[]> =>
  Promise.all(Array.from({ length: count }, () => toBitmap(noise(width, height))));

const WAV_HERTZ = 8000;

export function writeWav(seconds: number): Buffer {
  const sound = Buffer.alloc(seconds * WAV_HERTZ * 2, 7);
  const head = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x10\0data\0\0\0\0',
    'latin1',
  );
  head.writeUInt32LE(36 + sound.length, 4);
  head.writeUInt32LE(WAV_HERTZ, 24);
  head.writeUInt32LE(WAV_HERTZ * 2, 28);
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
}

export const animatedWebp = async (): Promise<Buffer> =>
  writeAnimatedWebp(await frames(3), 4, { lossless: false, quality: 80 });
export const animatedPng = async (): Promise<Buffer> => writeAnimatedPng(await frames(3), 4, 4);
export const animatedGif = async (): Promise<Buffer> => {
  const pngs = await Promise.all([1, 2, 3].map(() => noise(48, 32).png().toBuffer()));
  return await sharp(pngs, { join: { animated: true } })
    .gif({ loop: 2 })
    .toBuffer();
};
export const mp4 = async (): Promise<Buffer> => writeMp4(await frames(6), 4);
export const mkv = async (): Promise<Buffer> => writeMkv(await frames(6), 4);
export const webm = async (): Promise<Buffer> => writeWebm(await frames(6), 4);
export const flac = (): Buffer => writeFlac(2, 440);
export const mp3 = (): Buffer => writeMp3(2);
export const opus = (): Buffer => writeOpus(2);
export const glb = writeGlb;
export const latent = (): Buffer => writeLatent({ width: 64, height: 64 }, 1);
