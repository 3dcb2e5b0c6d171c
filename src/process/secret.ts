/** The generated secret of an installation without JWT_SECRET: created once, in a file that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { chmod, constants, copyFile, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { codeOf, reasonOf, StartError } from './start-error.js';

const SECRET_BYTES = 48;
/** A shorter secret is a truncated file. */
const MIN_CHARACTERS = 32;
const OWNER_ONLY = 0o600;
const OTHERS = 0o007;

/** @throws StartError if the file cannot be read or written, or is damaged */
export async function loadOrCreateSecret(path: string): Promise<string> {
  let secret = await read(path);
  if (secret === undefined) {
    await create(path);
    secret = (await read(path)) ?? '';
  }
  if (secret.length < MIN_CHARACTERS)
    throw new StartError(`The secret in ${path} is damaged: it has fewer than ${MIN_CHARACTERS} characters`);
  return secret;
}

async function read(path: string): Promise<string | undefined> {
  try {
    await restrictMode(path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StartError(
      `A secret cannot be read (${reasonOf(error)}): start the server as the user that owns the file`,
    );
  }
}

/** A restored copy may be readable by all users, or not by its owner. */
async function restrictMode(path: string): Promise<void> {
  const { mode } = await stat(path);
  const isRight = (mode & OWNER_ONLY) === OWNER_ONLY && (mode & OTHERS) === 0;
  // Some file systems have no modes, and this user may not own the file.
  if (!isRight) await chmod(path, OWNER_ONLY).catch(() => {});
}

async function create(path: string): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(partial, randomBytes(SECRET_BYTES).toString('base64url'), {
      flag: 'wx',
      mode: OWNER_ONLY,
      flush: true,
    });
    // A link appears complete or not at all, and fails if another process has created one. Some file systems have no links.
    await link(partial, path).catch(unlessExists(() => copyFile(partial, path, constants.COPYFILE_EXCL)));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw new StartError(`A secret cannot be written (${reasonOf(error)})`);
  } finally {
    await rm(partial, { force: true });
  }
}

const unlessExists = (otherwise: () => Promise<void>) => (error: unknown) => {
  if (codeOf(error) === 'EEXIST') throw error;
  return otherwise();
};
