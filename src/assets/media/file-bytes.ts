/** Reads pieces of an untrusted file, which may have gigabytes, through a small window. */
import { type FileHandle, open } from 'node:fs/promises';

/** The bytes of a small file, or the path of any. */
export type Local = Buffer | string;

const WINDOW_BYTES = 65_536;
const STREAM_BYTES = 262_144;
/** No part of a container that we interpret is larger. */
const MAX_PIECE_BYTES = 16 * 1024 * 1024;
/** Boxes, chunks, pages and tags of one file. */
const MAX_PARTS = 1_000_000;

/** Its methods throw a RangeError beyond the end of the file, and after too many parts. */
export class FileBytes {
  #start = 0;
  #parts = 0;

  private constructor(
    /** Undefined if the window has the whole file. */
    private readonly handle: FileHandle | undefined,
    /** In bytes. */
    readonly size: number,
    private window: Buffer,
  ) {}

  /** The file is open while `use` runs. */
  static async with<T>(local: Local, use: (file: FileBytes) => Promise<T>): Promise<T> {
    if (typeof local !== 'string') return await use(new FileBytes(undefined, local.length, local));
    const handle = await open(local);
    try {
      const { size } = await handle.stat();
      return await use(new FileBytes(handle, size, Buffer.alloc(0)));
    } finally {
      await handle.close();
    }
  }

  /** A view of the window: callers do not write into it. */
  async read(at: number, length: number): Promise<Buffer> {
    const end = at + length;
    if (!(at >= 0 && length >= 0 && end <= this.size)) throw new RangeError('beyond the end of the file');
    if (length > MAX_PIECE_BYTES) throw new RangeError('too large a part of a file');
    this.#parts += 1;
    if (this.#parts > MAX_PARTS) throw new RangeError('too many parts of a file');
    if (at < this.#start || end > this.#start + this.window.length)
      await this.#load(at, Math.max(length, WINDOW_BYTES));
    return this.window.subarray(at - this.#start, end - this.#start);
  }

  /** As many of these bytes as the file has. */
  async upTo(at: number, length: number): Promise<Buffer> {
    return await this.read(at, Math.max(0, Math.min(length, this.size - at)));
  }

  async latin(at: number, length: number): Promise<string> {
    return (await this.read(at, length)).toString('latin1');
  }

  /** The bytes of a range of any length, in pieces. */
  async *stream(from: number, to: number): AsyncGenerator<Buffer> {
    for (let at = from; at < to; at += STREAM_BYTES) yield await this.#fetch(at, Math.min(STREAM_BYTES, to - at));
  }

  async #load(at: number, length: number): Promise<void> {
    this.window = await this.#fetch(at, Math.min(length, this.size - at));
    this.#start = at;
  }

  async #fetch(at: number, length: number): Promise<Buffer> {
    if (!this.handle) return this.window.subarray(at, at + length);
    const buffer = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.handle.read(buffer, filled, buffer.length - filled, at + filled);
      if (bytesRead === 0) throw new RangeError('the file became shorter');
      filled += bytesRead;
    }
    return buffer;
  }
}
