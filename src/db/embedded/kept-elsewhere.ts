/**
 * Where the data of a PostgreSQL is that root keeps outside DATA_DIR. The folder has its name from the path of DATA_DIR, which may be moved:
 * so it is written down. A new database in place of one that is not found would look like the loss of everything.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../process/start-error.js';
import { exists } from './exists.js';

const noteIn = (folder: string): string => join(folder, 'kept-elsewhere');

/** Once there is something to find. */
export async function noteElsewhere(folder: string, elsewhere: string): Promise<void> {
  if (elsewhere !== folder) await writeFile(noteIn(folder), elsewhere);
}

const readNote = (folder: string): Promise<string | undefined> =>
  readFile(noteIn(folder), 'utf8').catch(() => undefined);

/** @throws StartError when DATA_DIR came here without its data */
export async function findElsewhere(folder: string): Promise<string | undefined> {
  const elsewhere = await readNote(folder);
  if (!elsewhere || (await exists(join(elsewhere, 'data')))) return elsewhere || undefined;
  throw new StartError(
    `The database of ${folder} was kept in ${elsewhere}, which is not there: restore that folder, too, or remove ${noteIn(folder)} to begin with an empty one`,
  );
}

/** For everybody but root. @throws StartError */
export async function refuseElsewhere(folder: string): Promise<void> {
  const elsewhere = await readNote(folder);
  if (elsewhere)
    throw new StartError(
      `The database of ${folder} is kept in ${elsewhere}, as root started it: start the server as root, or move what is in that folder here and give it to the user that runs the server (chown -R)`,
    );
}
