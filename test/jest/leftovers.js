/** Removes what killed test runs left behind: their PostgreSQL and their files, which may occupy memory. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../support/is-alive.js';

export const PREFIX = 'comfygraph-tests-';
const OWNER = 'pid';

/** Notes which process a run's folder belongs to. */
export const claimFolder = (folder) => writeFile(join(folder, OWNER), String(process.pid));

/** @param parent the folder of the runs' folders */
export async function removeLeftovers(parent) {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    const owner = await readPid(join(folder, OWNER));
    // A folder without an owner is being created at this moment.
    if (owner === undefined || isAlive(owner)) continue;
    const postgres = await readPid(join(folder, 'shared', 'postgres', 'data', 'postmaster.pid'));
    if (postgres !== undefined && isAlive(postgres)) process.kill(postgres, 'SIGQUIT');
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** @returns the number in the first line of a file; undefined without one */
async function readPid(file) {
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  return pid > 0 ? pid : undefined;
}
