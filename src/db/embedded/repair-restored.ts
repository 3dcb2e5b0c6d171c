/**
 * Repairs a data folder that was restored from a backup or moved. Copies lose modes, owners (if root restores) and empty folders. Reports
 * anything else with its remedy, before PostgreSQL opens the folder.
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
/** Permissions that PostgreSQL rejects. */
const FORBIDDEN = 0o027;

/** A database needs all of these; PostgreSQL reports only the first missing one, or none. */
const REQUIRED = ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal', 'pg_xact', 'postgresql.conf', 'pg_hba.conf'];

/** Folders that may be empty, and so are missing from git, zip and many sync tools. */
const MAY_BE_EMPTY = [
  ...['pg_commit_ts', 'pg_dynshmem', 'pg_logical/mappings', 'pg_logical/snapshots', 'pg_notify', 'pg_replslot'],
  ...['pg_serial', 'pg_snapshots', 'pg_stat', 'pg_stat_tmp', 'pg_subtrans', 'pg_tblspc', 'pg_twophase'],
  ...['pg_wal/archive_status', 'pg_wal/summaries'],
];

/** Changes nothing in a folder that needs no repair, so that it is safe beside a running PostgreSQL. @throws StartError */
export async function repairRestored({ bin, data, log, folder, runAs }: PostgresHome): Promise<void> {
  if (!(await exists(data))) return;
  try {
    await repair(data, runAs);
    // The server's user writes the log, not PostgreSQL's user.
    if (await exists(log)) await repairMode(log, (await lstat(log)).mode, FILE);
    if ((await readdir(data)).length === 0) return;
    await rejectIncomplete(data);
    await rejectOtherVersion(data, bin);
    if (!(await exists(join(folder, 'password'))))
      throw new StartError(
        `The password of the database in ${folder} is missing: restore ${join(folder, 'password')} from the same backup`,
      );
    for (const name of MAY_BE_EMPTY) await makeFolder(join(data, name), runAs);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The database in ${folder} cannot be repaired (${reasonOf(error)}): give it to one user with all rights (chown -R, chmod -R u+rwX)`,
      { cause: error },
    );
  }
}

/** Repairs a folder before its contents, which may not be readable until then. */
async function repair(path: string, runAs: RunAs): Promise<void> {
  try {
    const found = await lstat(path);
    await repairOwner(path, found.uid, runAs);
    // The operator placed the target of a link.
    if (found.isSymbolicLink()) return;
    await repairMode(path, found.mode, found.isDirectory() ? FOLDER : FILE);
    if (!found.isDirectory()) return;
    await Promise.all((await readdir(path)).map((name) => repair(join(path, name), runAs)));
  } catch (error) {
    // A running PostgreSQL removes files.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** As root: gives the path to the user that runs PostgreSQL. */
async function repairOwner(path: string, uid: number, runAs: RunAs): Promise<void> {
  const wanted = runAs.uid ?? process.getuid?.();
  // Windows has no numeric owners.
  if (wanted === undefined || uid === wanted) return;
  if (runAs.uid === undefined || runAs.gid === undefined)
    throw new StartError(
      `${path} belongs to another user than this server: chown -R all of DATA_DIR to the user that runs the server`,
    );
  await lchown(path, runAs.uid, runAs.gid);
}

async function repairMode(path: string, mode: number, wanted: number): Promise<void> {
  if (process.platform === 'win32') return;
  if ((mode & wanted) !== wanted || (mode & FORBIDDEN) !== 0) await chmod(path, wanted);
}

async function rejectIncomplete(data: string): Promise<void> {
  const missing: string[] = [];
  for (const name of REQUIRED) if (!(await exists(join(data, name)))) missing.push(name);
  if (missing.length > 0)
    throw new StartError(
      `The database in ${data} is incomplete (${missing.join(', ')} missing): restore all of DATA_DIR from a backup that was made while the server was stopped`,
    );
}

async function rejectOtherVersion(data: string, bin: string): Promise<void> {
  const theirs = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(join(bin, 'postgres'), ['--version']);
  const ours = /\d+/.exec(stdout)?.[0];
  if (theirs !== ours)
    throw new StartError(
      `The database in ${data} was created by PostgreSQL ${theirs}, and this version of ComfyGraph includes PostgreSQL ${ours}: start the version of ComfyGraph that created it, or run your own PostgreSQL ${theirs} on that folder and set DATABASE_URL`,
    );
}

async function makeFolder(path: string, { uid, gid }: RunAs): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: FOLDER });
  if (made === undefined || uid === undefined || gid === undefined) return;
  // The parent folder was missing as well.
  await lchown(made, uid, gid);
  await lchown(path, uid, gid);
}
