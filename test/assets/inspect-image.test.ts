/** A picture is what its bytes say, and only whole ones of the kinds that browsers show. */
import sharp from 'sharp';
import { inspectImage, InvalidImageError } from '../../src/assets/inspect-image.js';

const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#123456', noise: { type: 'gaussian', mean: 99, sigma: 30 } },
  });

/** The head of a PNG that claims to be so large; no pixels behind it. */
async function pngOf(side: number): Promise<Buffer> {
  const png = await noise(8, 8).png().toBuffer();
  png.writeUInt32BE(side, 16);
  png.writeUInt32BE(side, 20);
  return png;
}

test.each([
  ['png', 'image/png', 'png'],
  ['jpeg', 'image/jpeg', 'jpg'],
  ['webp', 'image/webp', 'webp'],
  ['gif', 'image/gif', 'gif'],
] as const)('a %s is known by its bytes, with its size and a ThumbHash', async (format, contentType, extension) => {
  const picture = await inspectImage(await noise(120, 80)[format]().toBuffer());
  expect(picture).toMatchObject({ contentType, extension, width: 120, height: 80 });
  expect(Buffer.from(picture.thumbHash, 'base64').length).toBeGreaterThan(4);
});

test('one pixel is a picture', async () => {
  expect(await inspectImage(await noise(1, 1).png().toBuffer())).toMatchObject({ width: 1, height: 1 });
});

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['nothing', () => Buffer.alloc(0)],
  ['zeros', () => Buffer.alloc(1_000)],
  ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  [
    'an SVG behind a comment',
    () => Buffer.from('<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>'),
  ],
  ['a page of HTML', () => Buffer.from('<!doctype html><img src=x onerror=alert(1)>')],
  ['HTML that begins like a GIF', () => Buffer.from('GIF89a/*<script>alert(1)</script>*/')],
  ['a TIFF', () => noise(9, 9).tiff().toBuffer()],
  ['a PNG of 60,000 × 60,000', () => pngOf(60_000)],
  ['a PNG of no size', () => pngOf(0)],
  ['half a PNG', async () => (await noise(200, 200).png().toBuffer()).subarray(0, 30_000)],
  ['nearly a whole JPEG', async () => (await noise(400, 400).jpeg().toBuffer()).subarray(0, -200)],
  ['half a WebP', async () => (await noise(200, 200).webp().toBuffer()).subarray(0, 1_000)],
  ['half a GIF', async () => (await noise(200, 200).gif().toBuffer()).subarray(0, 5_000)],
])('%s is no picture', async (_, bytes) => {
  await expect(inspectImage(await bytes())).rejects.toBeInstanceOf(InvalidImageError);
});
