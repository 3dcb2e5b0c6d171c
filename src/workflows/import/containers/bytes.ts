/** Reads numbers and texts of an untrusted file. Everything throws a RangeError beyond the end, or after too many parts. */

/** Boxes, chunks, pages and tags of one file. */
const MAX_PARTS = 20_000;

export class Bytes {
  readonly length: number;
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #budget: { parts: number };

  constructor(data: Uint8Array, budget = { parts: MAX_PARTS }) {
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
    return toText(this.raw(start, end));
  }

  /** The index of the next byte of this value; the end if there is none. */
  indexOf(byte: number, from: number): number {
    const at = this.#data.indexOf(byte, from);
    return at < 0 ? this.length : at;
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

/** A name and a text of a file's metadata. */
export type Entry = readonly [key: string, text: string];

/** Yields entries as it finds them, so that a file that is cut off still gives the first ones. */
export type Reader = (file: Bytes) => Iterable<Entry>;
