/**
 * Keeps the bytes of pictures, as files under one folder. A key is `<owner>/<name>`, made by the server alone; a file appears whole
 * or not at all, and is never overwritten by other bytes, since its name holds their hash.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { mendModes } from './mend-modes.js';

const KEY = /^[0-9a-f-]{36}\/[a-z0-9]+(\.[a-z0-9]+)?$/;
const HASH_LENGTH = 32;
const TEMPORARY = '.temporary';
/** Nobody writes for that long: what is older was left by a process that died. A younger one may be another process's at work. */
const HALF_WRITTEN_FOR_MS = 10 * 60_000;

export class Storage {
  readonly #folder: string;
  readonly #temporary: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#temporary = join(this.#folder, TEMPORARY);
  }

  /** Makes the folder, mends lost modes, and removes what an earlier process did not finish writing. @throws Error when it cannot be written to. */
  async open(): Promise<void> {
    try {
      await mendModes(this.#folder, TEMPORARY);
      await mkdir(this.#temporary, { recursive: true });
      for (const folder of [this.#folder, this.#temporary])
        await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      for (const name of await readdir(this.#temporary)) {
        const modifiedAt = await modifiedAtOf(join(this.#temporary, name));
        if (modifiedAt && modifiedAt.getTime() < Date.now() - HALF_WRITTEN_FOR_MS)
          await rm(join(this.#temporary, name), { recursive: true, force: true });
      }
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
    try {
      await writeFile(half, bytes, { flag: 'wx', flush: true });
      await mkdir(dirname(path), { recursive: true });
      await rename(half, path);
      await settleFolder(dirname(path));
    } catch (error) {
      // A disk that is full needs the room.
      await rm(half, { force: true });
      throw error;
    }
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

  /** Removes what an owner has besides these keys. */
  async removeAllBut(owner: string, keys: readonly string[]): Promise<void> {
    const folder = dirname(this.path(`${owner}/x`));
    const names = await readdir(folder).catch(unlessMissing(() => []));
    for (const name of names) if (!keys.includes(`${owner}/${name}`)) await rm(join(folder, name), { force: true });
  }

  /** Owners that have files, with the time when one was last added or removed. */
  async *owners(): AsyncIterable<{ owner: string; modifiedAt: Date }> {
    for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const modifiedAt = await modifiedAtOf(join(this.#folder, entry.name));
      if (modifiedAt) yield { owner: entry.name, modifiedAt };
    }
  }
}

/** The name of a new file is its folder's to keep: it may be lost with the power until that is written, too. */
async function settleFolder(path: string): Promise<void> {
  // Windows has no such thing, and needs none.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Undefined for what has been removed since it was listed. */
const modifiedAtOf = async (path: string): Promise<Date | undefined> =>
  (await stat(path).catch(unlessMissing(() => undefined)))?.mtime;

const unlessMissing =
  <T>(otherwise: () => T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code !== 'ENOENT') throw error;
    return otherwise();
  };
