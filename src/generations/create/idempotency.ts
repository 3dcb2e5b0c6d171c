/** The client's own name for what it asks, so that asking twice makes one. */
import { createHash } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { badUserInput, conflict } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { CreateGenerationInput } from './create-input.js';

/** The key, and what was asked under it. */
export type Request = { key: string; inputHash: Buffer };

const MAX_KEY_LENGTH = 255;
/** No input of a workflow is nested at all. */
const MAX_DEPTH = 32;

/** Of what the client sent, before anything was drawn or filled in. Undefined without a key. @throws BAD_USER_INPUT */
export function requestOf({ idempotencyKey: key, ...input }: CreateGenerationInput): Request | undefined {
  if (key == null) return undefined;
  const length = [...key].length;
  if (length < 1 || length > MAX_KEY_LENGTH)
    throw badUserInput(`idempotencyKey must have 1 to ${MAX_KEY_LENGTH} characters, not ${length}`, 'idempotencyKey');
  requireStorable(key, 'idempotencyKey');
  return { key, inputHash: createHash('sha256').update(canonical(input)).digest() };
}

/** The generation that the key stands for already; a deleted one has freed its key. @throws CONFLICT where something else was asked */
export async function findEarlier(
  em: SqlEntityManager,
  userId: string,
  { key, inputHash }: Request,
): Promise<string | undefined> {
  const [row] = await em.execute<{ id: string; isSame: boolean }[]>(
    `select id, input_hash = decode(?, 'hex') as "isSame" from generations
     where user_id = ? and idempotency_key = ? and deleted_at is null`,
    [inputHash.toString('hex'), userId, key],
  );
  if (row && !row.isSame) throw conflict('This idempotencyKey was used with another input');
  return row?.id;
}

/** One text for one input: in whichever order its members come, and whether one is null or absent. */
function canonical(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw badUserInput('parameters is nested too deeply', 'parameters');
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member != null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, depth + 1)}`).join()}}`;
}
