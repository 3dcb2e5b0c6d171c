/** The secret of an installation that was given none: drawn once, and kept where only its owner can read it. */
import { randomBytes } from 'node:crypto';
import { chmod, constants, copyFile, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { codeOf, reasonOf, StartError } from './start-error.js';

const SECRET_BYTES = 48;
/** A shorter one is what is left of a file that was cut off. */
const LEAST_CHARACTERS = 32;
const OWNER_ONLY = 0o600;
const OTHERS = 0o007;

/** @throws StartError when it can be neither read nor written, and when what is there is no secret */
export async function keptSecret(path: string): Promise<string> {
  let secret = await read(path);
  if (secret === undefined) {
    await draw(path);
    secret = (await read(path)) ?? '';
  }
  if (secret.length < LEAST_CHARACTERS)
    throw new StartError(`The secret in ${path} is damaged: it has fewer than ${LEAST_CHARACTERS} characters`);
  return secret;
}

async function read(path: string): Promise<string | undefined> {
  try {
    await close(path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StartError(`A secret cannot be read (${reasonOf(error)}): start the server as the user it belongs to`);
  }
}

/** A copy, such as a restored backup, may have opened it to everybody, or closed it to its owner. */
async function close(path: string): Promise<void> {
  const { mode } = await stat(path);
  const isRight = (mode & OWNER_ONLY) === OWNER_ONLY && (mode & OTHERS) === 0;
  // Not everywhere there are modes, and not everybody may change them.
  if (!isRight) await chmod(path, OWNER_ONLY).catch(() => {});
}

async function draw(path: string): Promise<void> {
  const half = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(half, randomBytes(SECRET_BYTES).toString('base64url'), {
      flag: 'wx',
      mode: OWNER_ONLY,
      flush: true,
    });
    // A link appears whole or not at all, and fails where there is one already, also when two processes come at once.
    // Some file systems have no links.
    await link(half, path).catch(unlessTaken(() => copyFile(half, path, constants.COPYFILE_EXCL)));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw new StartError(`A secret cannot be written (${reasonOf(error)})`);
  } finally {
    await rm(half, { force: true });
  }
}

const unlessTaken = (otherwise: () => Promise<void>) => (error: unknown) => {
  if (codeOf(error) === 'EEXIST') throw error;
  return otherwise();
};
