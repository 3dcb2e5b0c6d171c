/** The folder of pictures after a restore that lost its modes. */
import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = 0o700;
const FILE = 0o600;

/**
 * Gives the owner all rights to what is in the folder, where the folder itself or `marker` within it has lost some of them. Otherwise
 * nothing was lost, and no more is read: there may be very many pictures. Whether that sufficed is for the caller to check.
 */
export async function mendModes(folder: string, marker: string): Promise<void> {
  // Windows has no modes.
  if (process.platform === 'win32' || !((await mend(folder)) || (await hasLost(join(folder, marker))))) return;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (name === marker) continue;
    await mend(path);
    for (const file of await namesIn(path)) await mend(join(path, file));
  }
  // Last: as long as it is not mended, the next start does all of it again.
  await mend(join(folder, marker));
}

const namesIn = (path: string): Promise<string[]> => readdir(path).catch(() => []);

async function hasLost(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && (found.mode & wantedOf(found)) !== wantedOf(found);
}

/** Whether there was anything to mend. What a link leads to is somebody's own arrangement. */
async function mend(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isSymbolicLink() || (found.mode & wantedOf(found)) === wantedOf(found)) return false;
  await chmod(path, (found.mode & 0o777) | wantedOf(found)).catch(() => {});
  return true;
}

const wantedOf = (found: { isDirectory(): boolean }): number => (found.isDirectory() ? FOLDER : FILE);
