/** AVIF: fills the items of EXIF and XMP with zeros, in place. Its rotation is a property of the image, not of EXIF. */
import { type Box, boxes } from '../containers/mp4.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

type Range = { at: number; end: number };

const METADATA_ITEMS = new Set(['Exif', 'mime', 'uri ']);
const IMAGE_BOXES = new Set(['ftyp', 'meta', 'mdat']);

/** @throws RangeError also for a sequence of images */
export async function* stripAvif(file: FileBytes): AsyncGenerator<Piece> {
  const ranges: Range[] = [];
  for await (const box of boxes(file, 0, file.size)) {
    if (box.type === 'moov') throw new RangeError('a sequence of images');
    if (box.type === 'meta') ranges.push(...(await metadataIn(file, box)));
    if (!IMAGE_BOXES.has(box.type)) ranges.push({ at: box.body, end: box.end });
  }
  let from = 0;
  for (const { at, end } of ranges.sort((one, other) => one.at - other.at)) {
    if (at < from || end > file.size) throw new RangeError('metadata that overlaps');
    yield { at: from, end: at };
    yield { zeros: end - at };
    from = end;
  }
  yield { at: from, end: file.size };
}

/** A version and flags stand before the boxes. */
async function metadataIn(file: FileBytes, { body, end }: Box): Promise<Range[]> {
  const found = new Map<string, Box>();
  for await (const box of boxes(file, body + 4, end)) found.set(box.type, box);
  const [names, places] = [found.get('iinf'), found.get('iloc')];
  if (!names || !places) throw new RangeError('no items');
  const items = await metadataItems(file, names);
  const reader = new Numbers(await file.read(places.body, places.end - places.body));
  return [...extents(reader, items, found.get('idat')?.body ?? 0)];
}

/** The ids of the items. */
async function metadataItems(file: FileBytes, { body, end }: Box): Promise<Set<number>> {
  const items = new Set<number>();
  const isShort = (await file.read(body, 1)).readUInt8(0) === 0;
  for await (const item of boxes(file, body + (isShort ? 6 : 8), end)) {
    const head = new Numbers(await file.read(item.body, Math.min(14, item.end - item.body)));
    const idBytes = head.next(1) < 3 ? 2 : 4;
    head.next(3);
    const id = head.next(idBytes);
    head.next(2);
    if (METADATA_ITEMS.has(head.latin(4))) items.add(id);
  }
  return items;
}

/** The box `iloc`. Offsets count from the start of the file, or of the box `idat`. */
function* extents(places: Numbers, items: ReadonlySet<number>, idat: number): Iterable<Range> {
  const version = places.next(1);
  places.next(3);
  const [sizes, more] = [places.next(1), places.next(1)];
  const wide = version < 2 ? 2 : 4;
  for (let left = places.next(wide); left > 0; left -= 1) {
    const id = places.next(wide);
    const isInside = version > 0 && (places.next(2) & 15) === 1;
    places.next(2);
    const base = places.next(more >> 4) + (isInside ? idat : 0);
    for (let count = places.next(2); count > 0; count -= 1) {
      if (version > 0) places.next(more & 15);
      const at = base + places.next(sizes >> 4);
      const end = at + places.next(sizes & 15);
      if (items.has(id)) yield { at, end };
    }
  }
}

/** Reads big-endian numbers one after another. Throws a RangeError beyond the end. */
class Numbers {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  next(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (length === 0) return 0;
    return length === 8 ? Number(this.bytes.readBigUInt64BE(at)) : this.bytes.readUIntBE(at, length);
  }

  latin(length: number): string {
    this.#at += length;
    return this.bytes.toString('latin1', this.#at - length, this.#at);
  }
}
