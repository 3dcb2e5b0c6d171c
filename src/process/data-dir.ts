/** DATA_DIR: created if it is missing, and checked before anything is opened in it. */
import { access, constants, mkdir } from 'node:fs/promises';
import { reasonOf, StartError } from './start-error.js';

/** @throws StartError if this user cannot create it or write to it */
export async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `DATA_DIR=${dataDir} is not writable (${reasonOf(error)}): chown it to the user that runs this server, or set another DATA_DIR`,
    );
  }
}
