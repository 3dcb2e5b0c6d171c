/**
 * Where the embedded PostgreSQL lives and as whom it runs. PostgreSQL refuses to run as root, so root starts it as an
 * unprivileged user, and what that user cannot reach is put under /var/lib.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { StartError } from '../../process/start-error.js';
import { exists } from './exists.js';
import { findElsewhere, refuseElsewhere } from './kept-elsewhere.js';
import { copyBinaries, findBinaries, makeLinks } from './postgres-binaries.js';

const run = promisify(execFile);

/** What a child process is started as; empty for whoever runs this. */
export type RunAs = { uid?: number; gid?: number };

/** `folder` holds `data`, `log` and the password; the programs are in `bin`. */
export type PostgresHome = { bin: string; data: string; log: string; runAs: RunAs; folder: string };

const SHARED_HOME = '/var/lib/comfygraph';
/** As Debian, macOS, and everybody else call the user with the least rights that may run it. */
const UNPRIVILEGED_USERS = ['postgres', '_postgres', 'nobody'];
const OWNER_ONLY = 0o700;
const ENTERABLE = 0o755;

/** @throws StartError where there are no binaries for this platform, no user to run them as, or data of another user */
export async function preparePostgresHome(dataDir: string, logger: Logger): Promise<PostgresHome> {
  const native = await findBinaries();
  const isWhole = await makeLinks(native);
  const folder = resolve(dataDir, 'postgres');
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  // A restored one may be closed to its owner. Another user's stays as it is, and is refused below.
  await chmod(folder, OWNER_ONLY).catch(() => {});
  const owner = await ownerOf(join(folder, 'data'));
  if (process.getuid?.() !== 0) {
    if (owner && owner.uid !== process.getuid?.())
      throw new StartError(
        `The database in ${folder} belongs to another user: start the server as that user, or set DATA_DIR`,
      );
    if (!owner) await refuseElsewhere(folder);
    return home(isWhole ? native : await copyBinaries(native, folder), folder, {});
  }

  const runAs = owner && owner.uid !== 0 ? owner : await unprivilegedUser();
  const isUsable = isWhole && (await canReach(native, runAs));
  const bin = isUsable ? native : await copyBinaries(native, await sharedHome());
  const chosen = await choose(folder, owner !== undefined, runAs);
  if (chosen !== folder) {
    logger.info(
      { folder: chosen },
      'PostgreSQL may not run as root, nor its user enter DATA_DIR: its data is kept elsewhere',
    );
    await sharedHome();
    await mkdir(chosen, { recursive: true, mode: OWNER_ONLY });
  }
  await chown(chosen, runAs.uid, runAs.gid);
  return home(bin, chosen, runAs);
}

/** Where the data is or will be. Once made it stays where it is, whatever becomes of the folders above it. */
async function choose(folder: string, isInUse: boolean, runAs: Owner): Promise<string> {
  const elsewhere = (!isInUse && (await findElsewhere(folder))) || join(SHARED_HOME, await digestOf(folder));
  if (!isInUse && (await exists(join(elsewhere, 'data')))) return elsewhere;
  if (await canReach(dirname(folder), runAs)) return folder;
  if (!isInUse) return elsewhere;
  throw new StartError(
    `The database in ${folder} is out of reach for the user it belongs to: let everybody enter the folders above it (chmod o+x)`,
  );
}

async function sharedHome(): Promise<string> {
  await mkdir(SHARED_HOME, { recursive: true });
  // Whatever the umask says.
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
  // Windows has no such owners.
  if (!process.getuid || !(await exists(path))) return undefined;
  const { uid, gid } = await stat(path);
  return { uid, gid };
}

async function unprivilegedUser(): Promise<Owner> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of UNPRIVILEGED_USERS) {
    const user = users.find(([each]) => each === name);
    // A negative id (of nobody, on macOS) is none that files can be given to.
    if (user && Number(user[2]) > 0) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new StartError(
    `PostgreSQL may not run as root, and there is none of the users ${UNPRIVILEGED_USERS.join(', ')} to run it as: set DATABASE_URL`,
  );
}

/** Whether that user may enter the folder and all above it. Asked of the system: there is more to it than modes. */
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
