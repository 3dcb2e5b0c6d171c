/**
 * The folders of the embedded PostgreSQL and the user that runs it. PostgreSQL refuses to run as root, so root starts it as an
 * unprivileged user, and places under /var/lib what that user cannot reach.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { StartError } from '../../process/start-error.js';
import { findRecordedLocation, rejectRecordedLocation } from './data-location.js';
import { exists } from './exists.js';
import { copyBinaries, findBinaries, makeLinks } from './postgres-binaries.js';

const run = promisify(execFile);

/** The user of a child process; empty for the user of this process. */
export type RunAs = { uid?: number; gid?: number };

/** `folder` holds `data`, `log` and the password; the programs are in `bin`. */
export type PostgresHome = { bin: string; data: string; log: string; runAs: RunAs; folder: string };

const SHARED_HOME = '/var/lib/comfygraph';
/** The names on Debian, on macOS, and elsewhere. */
const UNPRIVILEGED_USERS = ['postgres', '_postgres', 'nobody'];
const OWNER_ONLY = 0o700;
const ENTERABLE = 0o755;

/** @throws StartError if this platform has no binaries, there is no user to run them, or the data belongs to another user */
export async function preparePostgresHome(dataDir: string, logger: Logger): Promise<PostgresHome> {
  const native = await findBinaries();
  const hasLinks = await makeLinks(native);
  const folder = resolve(dataDir, 'postgres');
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  // A restored folder may be closed to its owner. A folder of another user is rejected below.
  await chmod(folder, OWNER_ONLY).catch(() => {});
  const owner = await ownerOf(join(folder, 'data'));
  if (process.getuid?.() !== 0) {
    if (owner && owner.uid !== process.getuid?.())
      throw new StartError(
        `The database in ${folder} belongs to another user: start the server as that user, or set DATA_DIR`,
      );
    if (!owner) await rejectRecordedLocation(folder);
    return home(hasLinks ? native : await copyBinaries(native, folder), folder, {});
  }

  const runAs = owner && owner.uid !== 0 ? owner : await unprivilegedUser();
  const isUsable = hasLinks && (await canReach(native, runAs));
  const bin = isUsable ? native : await copyBinaries(native, await sharedHome());
  const chosen = await choose(folder, owner !== undefined, runAs);
  if (chosen !== folder) {
    logger.info(
      { folder: chosen },
      'PostgreSQL must not run as root, and its user cannot enter DATA_DIR; keeping its data in another folder',
    );
    await sharedHome();
    await mkdir(chosen, { recursive: true, mode: OWNER_ONLY });
  }
  await chown(chosen, runAs.uid, runAs.gid);
  return home(bin, chosen, runAs);
}

/** The folder of the data. Existing data stays in place, even if the folders above it are no longer accessible. */
async function choose(folder: string, isInUse: boolean, runAs: Owner): Promise<string> {
  const elsewhere = (!isInUse && (await findRecordedLocation(folder))) || join(SHARED_HOME, await digestOf(folder));
  if (!isInUse && (await exists(join(elsewhere, 'data')))) return elsewhere;
  if (await canReach(dirname(folder), runAs)) return folder;
  if (!isInUse) return elsewhere;
  throw new StartError(
    `The database in ${folder} cannot be reached by the user that owns it: let all users enter the folders above it (chmod o+x)`,
  );
}

async function sharedHome(): Promise<string> {
  await mkdir(SHARED_HOME, { recursive: true });
  // mkdir applies the umask.
  await chmod(SHARED_HOME, ENTERABLE);
  return SHARED_HOME;
}

const home = (native: string, folder: string, runAs: RunAs): PostgresHome => ({
  bin: join(native, 'bin'),
  data: join(folder, 'data'),
  log: join(folder, 'postgres.log'),
  runAs,
  folder,
});

type Owner = { uid: number; gid: number };

async function ownerOf(path: string): Promise<Owner | undefined> {
  // Windows has no numeric owners.
  if (!process.getuid || !(await exists(path))) return undefined;
  const { uid, gid } = await stat(path);
  return { uid, gid };
}

async function unprivilegedUser(): Promise<Owner> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of UNPRIVILEGED_USERS) {
    const user = users.find(([each]) => each === name);
    // Files cannot be given to a negative id (nobody on macOS).
    if (user && Number(user[2]) > 0) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new StartError(
    `PostgreSQL must not run as root, and this system has none of the users ${UNPRIVILEGED_USERS.join(', ')} to run it: set DATABASE_URL`,
  );
}

/** Whether the user may enter the folder and all folders above it. Runs `test`, because modes alone do not decide it. */
const canReach = (folder: string, { uid, gid }: Owner): Promise<boolean> =>
  run('test', ['-x', folder], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  );

const DIGEST_LENGTH = 12;
const digestOf = async (folder: string): Promise<string> =>
  createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, DIGEST_LENGTH);
