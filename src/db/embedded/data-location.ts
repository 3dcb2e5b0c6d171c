/**
 * Records where root keeps PostgreSQL's data outside DATA_DIR. That folder is named after the path of DATA_DIR, which may be moved. Creating
 * a new database because the old one is not found would look like the loss of all data.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../process/start-error.js';
import { exists } from './exists.js';

const noteFile = (folder: string): string => join(folder, 'kept-elsewhere');

/** Call it after the data folder exists. */
export async function recordDataLocation(folder: string, elsewhere: string): Promise<void> {
  if (elsewhere !== folder) await writeFile(noteFile(folder), elsewhere);
}

const readNote = (folder: string): Promise<string | undefined> =>
  readFile(noteFile(folder), 'utf8').catch(() => undefined);

/** @throws StartError if DATA_DIR was moved without its data */
export async function findRecordedLocation(folder: string): Promise<string | undefined> {
  const elsewhere = await readNote(folder);
  if (!elsewhere || (await exists(join(elsewhere, 'data')))) return elsewhere || undefined;
  throw new StartError(
    `The database of ${folder} was kept in ${elsewhere}, which is not there: restore that folder, too, or remove ${noteFile(folder)} to begin with an empty database`,
  );
}

/** Users other than root cannot reach that folder. @throws StartError if one is recorded */
export async function rejectRecordedLocation(folder: string): Promise<void> {
  const elsewhere = await readNote(folder);
  if (elsewhere)
    throw new StartError(
      `The database of ${folder} is kept in ${elsewhere}, because root started it: start the server as root, or move the contents of that folder here and chown -R them to the user that runs the server`,
    );
}
