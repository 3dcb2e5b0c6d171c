/**
 * A data folder that comes from a backup or was moved. What copies lose is put right: modes, owners where root restores, and folders that
 * were empty. What cannot be put right is said with its cure, before PostgreSQL sees the folder.
 */
import { execFile } from 'node:child_process';
import { chmod, lchown, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, reasonOf, StartError } from '../../process/start-error.js';
import { exists } from './exists.js';
import type { PostgresHome, RunAs } from './postgres-home.js';

const run = promisify(execFile);

const FOLDER = 0o700;
const FILE = 0o600;
/** PostgreSQL lets the group read, and nobody do more. */
const TOO_MUCH = 0o027;

/** Without these there is no database; PostgreSQL names them only one by one, or not at all. */
const NEEDED = ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal', 'pg_xact', 'postgresql.conf', 'pg_hba.conf'];

/** Those that may be empty, which git, zip and many a sync leave out. */
const MAY_BE_EMPTY = [
  ...['pg_commit_ts', 'pg_dynshmem', 'pg_logical/mappings', 'pg_logical/snapshots', 'pg_notify', 'pg_replslot'],
  ...['pg_serial', 'pg_snapshots', 'pg_stat', 'pg_stat_tmp', 'pg_subtrans', 'pg_tblspc', 'pg_twophase'],
  ...['pg_wal/archive_status', 'pg_wal/summaries'],
];

/** Nothing is changed where nothing was lost, so that it may be done beside a PostgreSQL that runs. @throws StartError */
export async function mendRestored({ bin, data, log, folder, runAs }: PostgresHome): Promise<void> {
  if (!(await exists(data))) return;
  try {
    await mend(data, runAs);
    // Whoever starts the server writes it, and not PostgreSQL's user.
    if (await exists(log)) await mendMode(log, (await lstat(log)).mode, FILE);
    if ((await readdir(data)).length === 0) return;
    await refuseHalf(data);
    await refuseOtherVersion(data, bin);
    if (!(await exists(join(folder, 'password'))))
      throw new StartError(
        `The password of the database in ${folder} is missing: restore ${join(folder, 'password')} from the same backup`,
      );
    for (const name of MAY_BE_EMPTY) await makeFolder(join(data, name), runAs);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The database in ${folder} cannot be made usable (${reasonOf(error)}): let it belong to one user, with all rights (chown -R, chmod -R u+rwX)`,
      { cause: error },
    );
  }
}

/** A folder before what is in it, as it may not be readable until then. */
async function mend(path: string, runAs: RunAs): Promise<void> {
  try {
    const found = await lstat(path);
    await mendOwner(path, found.uid, runAs);
    // What a link leads to is somebody's own arrangement.
    if (found.isSymbolicLink()) return;
    await mendMode(path, found.mode, found.isDirectory() ? FOLDER : FILE);
    if (!found.isDirectory()) return;
    await Promise.all((await readdir(path)).map((name) => mend(join(path, name), runAs)));
  } catch (error) {
    // A PostgreSQL that runs removes files.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Root gives all of it to the user that PostgreSQL runs as. */
async function mendOwner(path: string, uid: number, runAs: RunAs): Promise<void> {
  const wanted = runAs.uid ?? process.getuid?.();
  // Windows has no such owners.
  if (wanted === undefined || uid === wanted) return;
  if (runAs.uid === undefined || runAs.gid === undefined)
    throw new StartError(
      `${path} belongs to another user than the rest of the database: give all of DATA_DIR to the one that runs the server (chown -R)`,
    );
  await lchown(path, runAs.uid, runAs.gid);
}

async function mendMode(path: string, mode: number, wanted: number): Promise<void> {
  if (process.platform === 'win32') return;
  if ((mode & wanted) !== wanted || (mode & TOO_MUCH) !== 0) await chmod(path, wanted);
}

async function refuseHalf(data: string): Promise<void> {
  const missing: string[] = [];
  for (const name of NEEDED) if (!(await exists(join(data, name)))) missing.push(name);
  if (missing.length > 0)
    throw new StartError(
      `The database in ${data} is not whole (${missing.join(', ')} missing): restore all of DATA_DIR from a backup that was made while the server was stopped`,
    );
}

async function refuseOtherVersion(data: string, bin: string): Promise<void> {
  const its = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(join(bin, 'postgres'), ['--version']);
  const ours = /\d+/.exec(stdout)?.[0];
  if (its !== ours)
    throw new StartError(
      `The database in ${data} was made by PostgreSQL ${its}, and this version of ComfyGraph brings PostgreSQL ${ours}: start the version of ComfyGraph that made it, or serve that folder by a PostgreSQL ${its} of your own and set DATABASE_URL`,
    );
}

async function makeFolder(path: string, { uid, gid }: RunAs): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: FOLDER });
  if (made === undefined || uid === undefined || gid === undefined) return;
  // With it the folder above, which was as empty.
  await lchown(made, uid, gid);
  await lchown(path, uid, gid);
}
