/** Reads numbers and texts of an untrusted file. Everything throws a RangeError beyond the end, or after too many parts or too much text. */
import { MAX_METADATA_BYTES } from '../bounds.js';

/** Boxes, chunks, pages and tags of one file. */
const MAX_PARTS = 20_000;
/** Bytes of texts of one file that are decoded, unpacked: both texts, and comments that are neither. */
const MAX_TEXT_BYTES = 4 * MAX_METADATA_BYTES;
/** No name in a file is longer. */
const MAX_NAME_BYTES = 256;

export class Bytes {
  readonly length: number;
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #budget: { parts: number; textBytes: number };

  constructor(data: Uint8Array, budget = { parts: MAX_PARTS, textBytes: MAX_TEXT_BYTES }) {
    this.length = data.length;
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#budget = budget;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number, isLittle = false): number {
    return this.#view.getUint16(at, isLittle);
  }

  u32(at: number, isLittle = false): number {
    return this.#view.getUint32(at, isLittle);
  }

  /** Numbers beyond 2^53 are rounded: they are beyond every file. */
  u64(at: number, isLittle = false): number {
    return Number(this.#view.getBigUint64(at, isLittle));
  }

  /** Counts a part of the file, and returns a view of it. */
  part(start: number, end: number): Bytes {
    this.#budget.parts -= 1;
    if (this.#budget.parts < 0) throw new RangeError('too many parts');
    return new Bytes(this.raw(start, end), this.#budget);
  }

  raw(start: number, end = this.length): Uint8Array {
    if (!(start >= 0 && start <= end && end <= this.length)) throw new RangeError('beyond the end');
    return this.#data.subarray(start, end);
  }

  /** Bytes as characters: for names and magic numbers. */
  latin(start: number, end: number): string {
    return Buffer.from(this.raw(start, end)).toString('latin1');
  }

  /** UTF-8; as Latin-1 where it is not UTF-8. */
  text(start: number, end = this.length): string {
    return toText(this.counted(this.raw(start, end)));
  }

  /** Counts the bytes of a text that is not a part of the file as it is. */
  counted(text: Uint8Array): Uint8Array {
    this.#budget.textBytes -= text.length;
    if (this.#budget.textBytes < 0) throw new RangeError('too much text');
    return text;
  }

  /** The index of the byte that ends a name; -1 if no name ends there. */
  endOfName(end: number, from: number): number {
    const at = this.#data.subarray(from, from + MAX_NAME_BYTES).indexOf(end);
    return at < 0 ? -1 : from + at;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export function toText(data: Uint8Array): string {
  try {
    return UTF8.decode(data);
  } catch {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  }
}

/** Without a pattern: one would look at each of the NULs before other characters again and again. */
export function withoutTrailingNuls(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end -= 1;
  return text.slice(0, end);
}

/** A name and a text of a file's metadata. Only texts that are wanted are unpacked and decoded. */
export type Entry = readonly [key: string, text: () => string];

/** Yields entries as it finds them, so that a file that is cut off still gives the first ones. */
export type Reader = (file: Bytes) => Iterable<Entry>;
