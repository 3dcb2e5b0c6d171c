/** Repairs the file modes of the storage folder after a restore that lost them. */
import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Restores the owner's rights to all files, if the folder itself or its entry `marker` lost some of them. Otherwise it assumes that no file
 * lost any, because checking very many files takes long. Errors are ignored: the caller checks whether the folder is accessible.
 */
export async function repairModes(folder: string, marker: string): Promise<void> {
  // Windows has no modes.
  if (process.platform === 'win32' || !((await repair(folder)) || (await hasLostRights(join(folder, marker))))) return;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (name === marker) continue;
    await repair(path);
    for (const file of await namesIn(path)) await repair(join(path, file));
  }
  // The marker comes last: if the process dies before, the next start repeats the repair.
  await repair(join(folder, marker));
}

const namesIn = (path: string): Promise<string[]> => readdir(path).catch(() => []);

async function hasLostRights(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && (found.mode & requiredMode(found)) !== requiredMode(found);
}

/** Returns whether the mode was incomplete. Targets of symbolic links are left alone. */
async function repair(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isSymbolicLink() || (found.mode & requiredMode(found)) === requiredMode(found)) return false;
  await chmod(path, (found.mode & 0o777) | requiredMode(found)).catch(() => {});
  return true;
}

const requiredMode = (found: { isDirectory(): boolean }): number => (found.isDirectory() ? FOLDER_MODE : FILE_MODE);
