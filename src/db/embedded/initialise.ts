/** Makes the data folder of a PostgreSQL. It appears whole or not at all: what is interrupted leaves nothing that looks like a database. */
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

/** Whether the folder of a PostgreSQL has been made. */
export const isInitialised = ({ data }: PostgresHome): Promise<boolean> => exists(join(data, 'PG_VERSION'));

/** Twice is once, also by two processes at the same time. @throws StartError with initdb's own reason */
export async function initialise(home: PostgresHome, user: string, password: string): Promise<void> {
  if (await isInitialised(home)) return;
  const half = `${home.data}.${randomUUID()}`;
  const passwordFile = `${half}.password`;
  try {
    await writeFile(passwordFile, password, { mode: OWNER_ONLY });
    const { uid, gid } = home.runAs;
    if (uid !== undefined && gid !== undefined) await chown(passwordFile, uid, gid);
    await run(
      join(home.bin, 'initdb'),
      // The built-in locale knows the letters of every script, so that a search ignores case in all of them.
      ['-D', half, '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'].concat([
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ]),
      { ...home.runAs, cwd: home.folder },
    );
    await rename(half, home.data);
  } catch (error) {
    // Another server that starts at the same time was faster.
    if (await isInitialised(home)) return;
    throw new StartError(`PostgreSQL could not make its data folder: ${wordsOf(error)}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Removes what interrupted attempts left. For the one server that this folder has. */
export async function removeHalves(home: PostgresHome): Promise<void> {
  for (const name of await readdir(home.folder))
    if (name.startsWith(`${basename(home.data)}.`)) await rm(join(home.folder, name), { recursive: true, force: true });
}

/** What initdb wrote, where it was initdb. */
const wordsOf = (error: unknown): string =>
  String((error as { stderr?: unknown } | null)?.stderr ?? '').trim() || reasonOf(error);
