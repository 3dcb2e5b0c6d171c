/**
 * Keeps the bytes of pictures, as files under one folder. A key is `<owner>/<name>`, made by the server alone; a file appears whole
 * or not at all, and is never overwritten by other bytes, since its name holds their hash.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const KEY = /^[0-9a-f-]{36}\/[a-z0-9.-]+$/;
const HASH_LENGTH = 32;

export class Storage {
  readonly #folder: string;
  readonly #temporary: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#temporary = join(this.#folder, '.temporary');
  }

  /** Makes the folder, and removes what an earlier process did not finish writing. @throws Error when it cannot be written to. */
  async open(): Promise<void> {
    try {
      await rm(this.#temporary, { recursive: true, force: true });
      await mkdir(this.#temporary, { recursive: true });
    } catch (cause) {
      throw new Error(`The folder ${this.#folder} cannot be written to: give it to the user that runs this server`, {
        cause,
      });
    }
  }

  /** Answers the key that the bytes are kept under; the same bytes of the same owner have the same key. */
  async save(owner: string, bytes: Uint8Array, extension: string): Promise<string> {
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, HASH_LENGTH);
    const key = `${owner}/${hash}.${extension}`;
    const path = this.path(key);
    const half = join(this.#temporary, randomUUID());
    const file = await open(half, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await mkdir(dirname(path), { recursive: true });
    await rename(half, path);
    return key;
  }

  /** Where the file lies. @throws Error for what is not a key. */
  path(key: string): string {
    if (!KEY.test(key)) throw new Error('This is not a key of the storage');
    return join(this.#folder, key);
  }

  read(key: string): Promise<Buffer> {
    return readFile(this.path(key));
  }

  /** Removes everything of an owner. Twice is once. */
  async removeAll(owner: string): Promise<void> {
    await rm(dirname(this.path(`${owner}/x`)), { recursive: true, force: true });
  }

  /** Owners that have files, with the time of the newest. */
  async *owners(): AsyncIterable<{ owner: string; modifiedAt: Date }> {
    for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const { mtime } = await stat(join(this.#folder, entry.name));
      yield { owner: entry.name, modifiedAt: mtime };
    }
  }
}
