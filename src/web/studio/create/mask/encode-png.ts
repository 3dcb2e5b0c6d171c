/**
 * Writes a PNG with exact colours below transparent pixels. A canvas cannot: it forgets the colour of a transparent pixel, and
 * that colour is what a workflow repaints.
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const CHANNELS = 4;
/** Each byte is stored as its difference to the pixel on its left. */
const FILTER_SUB = 1;

export async function encodePng({ width, height, data }: ImageData): Promise<Blob> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  // 8 bits per channel, RGBA; compression, filter and interlace of the standard.
  header.setUint8(8, 8);
  header.setUint8(9, 6);
  const pixels = await deflate(filterRows(width, height, data));
  return new Blob(
    [
      new Uint8Array(SIGNATURE),
      chunk('IHDR', new Uint8Array(header.buffer)),
      chunk('IDAT', pixels),
      chunk('IEND', new Uint8Array()),
    ],
    { type: 'image/png' },
  );
}

function filterRows(width: number, height: number, data: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const rowSize = width * CHANNELS;
  const rows = new Uint8Array((rowSize + 1) * height);
  for (let row = 0; row < height; row += 1) {
    const [from, to] = [row * rowSize, row * (rowSize + 1) + 1];
    rows[to - 1] = FILTER_SUB;
    for (let at = 0; at < rowSize; at += 1) {
      const left = at < CHANNELS ? 0 : (data[from + at - CHANNELS] ?? 0);
      rows[to + at] = (data[from + at] ?? 0) - left;
    }
  }
  return rows;
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc(bytes.subarray(4, data.length + 8)));
  return bytes;
}

const CRCS = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRCS[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return ~value >>> 0;
}
