/** Images are identified by their bytes; only complete ones in formats that browsers show are accepted. */
import sharp from 'sharp';
import { InvalidImageError, inspectImage } from '../../../src/assets/media/image.js';

const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#123456', noise: { type: 'gaussian', mean: 99, sigma: 30 } },
  });

/** A PNG whose header claims this width and height. */
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
] as const)(
  'a %s is identified by its bytes, with its size and a ThumbHash',
  async (format, contentType, extension) => {
    const image = await inspectImage(await noise(120, 80)[format]().toBuffer());
    expect(image).toMatchObject({ contentType, extension, width: 120, height: 80 });
    expect(Buffer.from(image.thumbHash, 'base64').length).toBeGreaterThan(4);
  },
);

test('an image of one pixel is accepted', async () => {
  expect(await inspectImage(await noise(1, 1).png().toBuffer())).toMatchObject({ width: 1, height: 1 });
});

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['an empty file', () => Buffer.alloc(0)],
  ['zeros', () => Buffer.alloc(1_000)],
  ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  [
    'an SVG after a comment',
    () => Buffer.from('<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>'),
  ],
  ['an HTML page', () => Buffer.from('<!doctype html><img src=x onerror=alert(1)>')],
  ['HTML with the signature of a GIF', () => Buffer.from('GIF89a/*<script>alert(1)</script>*/')],
  ['a TIFF', () => noise(9, 9).tiff().toBuffer()],
  ['a PNG of 60,000 × 60,000', () => pngOf(60_000)],
  ['a PNG of 0 × 0', () => pngOf(0)],
  ['half a PNG', async () => (await noise(200, 200).png().toBuffer()).subarray(0, 30_000)],
  ['a JPEG without its last bytes', async () => (await noise(400, 400).jpeg().toBuffer()).subarray(0, -200)],
  ['half a WebP', async () => (await noise(200, 200).webp().toBuffer()).subarray(0, 1_000)],
  ['half a GIF', async () => (await noise(200, 200).gif().toBuffer()).subarray(0, 5_000)],
])('%s is rejected', async (_, bytes) => {
  await expect(inspectImage(await bytes())).rejects.toBeInstanceOf(InvalidImageError);
});

test.each<[type: string, content: string, isRejected: boolean]>([
  ['zTXt', 'a\0\0', true],
  ['iTXt', 'a\0\x01', true],
  ['iTXt', 'a\0\0', false],
  ['tEXt', 'a\0b', false],
])(
  'a PNG with 17 %s chunks %j is rejected, since the decoder unpacks megabytes for each: %s',
  async (type, content, isRejected) => {
    const picture = await noise(8, 8).png().toBuffer();
    const chunk = Buffer.alloc(12 + content.length);
    chunk.writeUInt32BE(content.length);
    chunk.write(type + content, 4, 'latin1');
    const end = 8 + 25;
    const withChunks = (count: number) =>
      inspectImage(
        Buffer.concat([picture.subarray(0, end), ...Array.from({ length: count }, () => chunk), picture.subarray(end)]),
      );
    const error = await withChunks(17).catch((error: Error) => error.message);
    expect(error === 'The image has too many compressed texts').toBe(isRejected);
    expect(await withChunks(16).catch((error: Error) => error.message)).not.toBe(
      'The image has too many compressed texts',
    );
  },
);
