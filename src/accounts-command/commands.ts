/** The commands of `npm run accounts`. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { markAccountDeleted } from '../accounts/delete-account.js';
import { enableUser, markDisabled } from '../accounts/disable-user.js';
import { normaliseEmail } from '../accounts/email.js';
import { hashPassword, replacePassword } from '../accounts/passwords.js';
import { Role, User } from '../accounts/user.js';
import { validatePassword } from '../accounts/validate.js';
import { markAllDeleted, requestCancelOf } from '../generations/transitions.js';
import { StartError } from '../process/start-error.js';
import { readSecret } from './read-secret.js';

export const USAGE = `Accounts of a ComfyGraph server:

  npm run accounts -- list
  npm run accounts -- set-password <email>          prompts for the new password, or reads it from standard input
  npm run accounts -- set-role <email> ADMIN|USER
  npm run accounts -- disable <email>
  npm run accounts -- enable <email>
  npm run accounts -- delete <email>                deletes the account and all of its data

DATABASE_URL and DATA_DIR name the server's database, as they do for the server.
`;

type Command = (em: SqlEntityManager, user: User, value: string | undefined) => Promise<string>;

const COMMANDS: Record<string, Command> = {
  'set-password': async (em, { id }, value) => {
    const password = value ?? (await readSecret('New password: '));
    validatePassword(password);
    const passwordHash = await hashPassword(password);
    await em.transactional((em) => replacePassword(em, id, passwordHash));
    return 'has a new password; its sessions have ended';
  },
  'set-role': async (em, { id }, value) => {
    const role = Object.values(Role).find((each) => each === value?.toUpperCase());
    if (!role) throw new StartError(`The role must be ${Object.values(Role).join(' or ')}`);
    await em.nativeUpdate(User, { id }, { role });
    return `has the role ${role}`;
  },
  disable: async (em, { id }) => {
    await em.transactional((em) => markDisabled(em, id, requestCancelOf));
    return 'is disabled; its sessions have ended';
  },
  enable: async (em, { id }) => {
    await enableUser(em, id);
    return 'is enabled';
  },
  delete: async (em, { id }) => {
    await em.transactional((em) => markAccountDeleted(em, id, markAllDeleted));
    return 'is deleted; a running server removes its files';
  },
};

/** @throws StartError or Refusal with a message for the operator */
export async function runCommand(
  em: SqlEntityManager,
  command: string,
  values: readonly string[],
  out: (text: string) => void,
): Promise<void> {
  if (command === 'list') return out(await list(em));
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!run) throw new StartError(`Unknown command ${command}\n\n${USAGE}`);
  const [given, value, ...rest] = values;
  if (given === undefined || rest.length > 0) throw new StartError(USAGE);
  const email = normaliseEmail(given);
  const user = await em.findOne(User, { email, deletedAt: null });
  if (!user) throw new StartError(`No account has the address ${email}`);
  out(`${email} ${await run(em, user, value)}\n`);
}

async function list(em: SqlEntityManager): Promise<string> {
  const users = await em.find(User, { deletedAt: null }, { orderBy: { id: 'asc' } });
  const rows = users.map(({ email, role, createdAt, disabledAt, name }) => [
    email,
    role,
    createdAt.toISOString().slice(0, 10),
    disabledAt ? 'disabled' : 'enabled',
    name ?? '',
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
