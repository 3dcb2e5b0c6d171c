/** Creates the data folder of a PostgreSQL, atomically: an interrupted attempt leaves nothing that looks like a database. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, StartError } from '../../process/start-error.js';
import { exists } from './exists.js';
import type { PostgresHome } from './postgres-home.js';

const OWNER_ONLY = 0o600;

const run = promisify(execFile);

export const isInitialised = ({ data }: PostgresHome): Promise<boolean> => exists(join(data, 'PG_VERSION'));

/** Idempotent, also when two processes run it at once. @throws StartError with initdb's reason */
export async function initialise(home: PostgresHome, user: string, password: string): Promise<void> {
  if (await isInitialised(home)) return;
  const partial = `${home.data}.${randomUUID()}`;
  const passwordFile = `${partial}.password`;
  try {
    await writeFile(passwordFile, password, { mode: OWNER_ONLY });
    const { uid, gid } = home.runAs;
    if (uid !== undefined && gid !== undefined) await chown(passwordFile, uid, gid);
    await run(
      join(home.bin, 'initdb'),
      // The built-in locale covers every script, so that a search ignores case in all of them.
      ['-D', partial, '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'].concat([
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ]),
      { ...home.runAs, cwd: home.folder },
    );
    await rename(partial, home.data);
  } catch (error) {
    // Another server created it at the same time.
    if (await isInitialised(home)) return;
    throw new StartError(`PostgreSQL could not create its data folder: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Removes what interrupted attempts left. Call it with the lock held. */
export async function removeIncomplete({ folder, data }: Pick<PostgresHome, 'folder' | 'data'>): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(`${basename(data)}.`))
      await rm(join(folder, name), { recursive: true, force: true }).catch(ignoreNotEmpty);
}

/** Another server that starts at this moment still writes there. The next start removes the folder. */
function ignoreNotEmpty(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY') throw error;
}

/** The stderr of initdb, if initdb failed. */
const messageOf = (error: unknown): string =>
  String((error as { stderr?: unknown } | null)?.stderr ?? '').trim() || reasonOf(error);
