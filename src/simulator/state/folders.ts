/** The folders `output`, `input` and `temp`: names, counters and bytes of files. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize, resolve, sep } from 'node:path';
import type { FileItem, FileType } from '../../comfyui/protocol/protocol.js';
import type { Files, SaveRequest } from '../nodes/node.js';
import { PythonError } from '../python/python.js';

const FOLDERS: readonly FileType[] = ['output', 'input', 'temp'];

const COUNTER_DIGITS = 5;

/** Called before a node writes a file; may replace the bytes and the reported items. */
type BeforeSave = (item: FileItem, bytes: Uint8Array) => Promise<{ items: FileItem[]; bytes: Uint8Array }>;

export class Folders {
  private constructor(
    readonly base: string,
    private readonly isOwn: boolean,
  ) {}

  /** Without a directory it creates a temporary one, which `close` removes. */
  static async open(directory?: string): Promise<Folders> {
    const base = directory ? resolve(directory) : await mkdtemp(join(tmpdir(), 'comfyui-simulator-'));
    const folders = new Folders(base, directory === undefined);
    for (const folder of FOLDERS) await mkdir(folders.path(folder), { recursive: true });
    return folders;
  }

  path(type: FileType): string {
    return join(this.base, type);
  }

  /** Splits ComfyUI's annotated name, `name [output]`, into the name and its folder. */
  splitAnnotation(name: string, type: FileType = 'input'): { name: string; type: FileType } {
    for (const each of FOLDERS) {
      if (name.endsWith(`[${each}]`)) return { name: name.slice(0, -each.length - 3), type: each };
    }
    return { name, type };
  }

  /** The absolute path of a name. It may leave the folder: ComfyUI does not check. */
  pathOf(name: string): string {
    const { name: bare, type } = this.splitAnnotation(name);
    return resolve(this.path(type), bare);
  }

  /** ComfyUI empties its temp folder at the start. */
  async clearTemp(): Promise<void> {
    await rm(this.path('temp'), { recursive: true, force: true });
    await mkdir(this.path('temp'), { recursive: true });
  }

  inputs(): string[] {
    return readdirSync(this.path('input'), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  }

  async close(): Promise<void> {
    if (this.isOwn) await rm(this.base, { recursive: true, force: true });
  }
}

/** The folders, as nodes access them. */
export class NodeFiles implements Files {
  constructor(
    private readonly folders: Folders,
    private readonly beforeSave: BeforeSave,
  ) {}

  find(name: string): string | undefined {
    const path = this.folders.pathOf(name);
    return existsSync(path) ? path : undefined;
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.folders.pathOf(name));
  }

  fingerprint(name: string): string {
    return createHash('sha256')
      .update(readFileSync(this.folders.pathOf(name)))
      .digest('hex');
  }

  async save({ type, prefix, size, extension, files, isBare }: SaveRequest): Promise<FileItem[]> {
    const { folder, subfolder, name, counter } = this.#reserve(type, prefix, size);
    const saved: FileItem[] = [];
    for (const [index, bytes] of files.entries()) {
      const count = String(counter + index).padStart(COUNTER_DIGITS, '0');
      const filename = `${name.replaceAll('%batch_num%', String(index))}_${count}${isBare ? '' : '_'}.${extension}`;
      const { items, bytes: written } = await this.beforeSave({ filename, subfolder, type }, bytes);
      await writeFile(join(folder, filename), written);
      saved.push(...items);
    }
    return saved;
  }

  /** Returns the folder, the name and the next counter: one more than the highest counter in the folder. */
  #reserve(type: FileType, prefix: string, { width, height }: SaveRequest['size']) {
    const filled = expandTokens(prefix, width, height);
    const path = normalize(filled).replace(/(.)\/$/, '$1');
    const [subfolder, name] = [dirname(path) === '.' ? '' : dirname(path), basename(path)];
    const base = this.folders.path(type);
    const folder = resolve(base, subfolder);
    if (folder !== base && !folder.startsWith(base + sep)) {
      throw new PythonError(
        'Exception',
        '**** ERROR: Saving image outside the output folder is not allowed.' +
          `\n full_output_folder: ${folder}\n         output_dir: ${base}\n         commonpath: ${dirname(base)}`,
      );
    }
    mkdirSync(folder, { recursive: true });
    // ComfyUI slices by the length of the original prefix, which is 0 after a trailing slash.
    const given = filled.slice(filled.lastIndexOf('/') + 1).length;
    const counters = readdirSync(folder).flatMap((file) => {
      if (file.slice(0, given) !== name || file[given] !== '_') return [];
      const digits = file.slice(given + 1).split(/[_.]/)[0] ?? '';
      return [/^\d+$/.test(digits) ? Number(digits) : 0];
    });
    return { folder, subfolder, name, counter: Math.max(0, ...counters) + 1 };
  }
}

/** Replaces the tokens that ComfyUI's server knows; the web page's own tokens stay. */
function expandTokens(prefix: string, width: number, height: number): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const values: Record<string, string> = {
    width: String(width),
    height: String(height),
    year: String(now.getFullYear()),
    month: two(now.getMonth() + 1),
    day: two(now.getDate()),
    hour: two(now.getHours()),
    minute: two(now.getMinutes()),
    second: two(now.getSeconds()),
  };
  return prefix.replace(/%(\w+)%/g, (token, key: string) => values[key] ?? token);
}
