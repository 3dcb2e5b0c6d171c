/** Thumbnails are small, upright, and tell nothing about how the image was made. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { InvalidImageError } from '../../../src/assets/media/image.js';
import { makeThumbnail, nearestWidth } from '../../../src/assets/media/thumbnails.js';
import * as files from './support.js';
import { images, SECRET } from './tagged.js';

test.each([
  [1, 192],
  [192, 192],
  [193, 384],
  [700, 768],
  [1536, 1536],
  [9_000, 1536],
])('a width of %d means thumbnails of %d', (width, nearest) => {
  expect(nearestWidth(width)).toBe(nearest);
});

const thumbnail = async (bytes: Uint8Array, width: number) => {
  const webp = await makeThumbnail(await files.saved('image', bytes), width);
  return { webp, metadata: await sharp(webp, { animated: true }).metadata() };
};

test.each([
  [800, 600, 300, 384, 288],
  [300, 200, 768, 300, 200],
  [100, 8_000, 192, 10, 768],
])('an image of %d × %d has for %d a thumbnail of %d × %d', async (width, height, asked, thumbWidth, thumbHeight) => {
  const { metadata } = await thumbnail(await files.noise(width, height).png().toBuffer(), asked);
  expect(metadata).toMatchObject({ format: 'webp', width: thumbWidth, height: thumbHeight });
});

test('a thumbnail is upright', async () => {
  const turned = await files.noise(400, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const { metadata } = await thumbnail(turned, 192);
  expect(metadata).toMatchObject({ width: 192, height: 384 });
  expect(metadata.orientation).toBeUndefined();
});

test.each(Object.entries(images))('the thumbnail of a %s is one frame without metadata', async (_, make) => {
  const { webp, metadata } = await thumbnail(await make(), 192);
  expect(metadata).toMatchObject({ width: 48, height: 32 });
  expect([metadata.exif, metadata.xmp, metadata.pages ?? 1]).toEqual([undefined, undefined, 1]);
  expect(webp.includes(SECRET)).toBe(false);
});

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  ['half a JPEG', async () => (await files.noise(400, 400).jpeg().toBuffer()).subarray(0, -5_000)],
  ['nothing', () => Buffer.alloc(0)],
  [
    'a PNG of 60,000 × 60,000',
    async () => {
      const png = await files.noise(8, 8).png().toBuffer();
      png.writeUInt32BE(60_000, 16);
      png.writeUInt32BE(60_000, 20);
      return png;
    },
  ],
])('%s has no thumbnail', async (name, make) => {
  const path = files.pathOf(name);
  await writeFile(path, await make());
  await expect(makeThumbnail(path, 192)).rejects.toBeInstanceOf(InvalidImageError);
});
