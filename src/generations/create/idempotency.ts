/** Idempotency keys: the same key with the same input stands for one generation. */
import { createHash } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { badUserInput, conflict } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { CreateGenerationInput } from './create-input.js';

/** The key, and the hash of the input that was sent with it. */
export type IdempotentRequest = { key: string; inputHash: Buffer };

const MAX_KEY_LENGTH = 255;
/** Generous: only a graph is nested, within limits of its own. */
const MAX_DEPTH = 64;

/** Hashes the client's input, before seeds and defaults are filled in. Returns undefined without a key. @throws BAD_USER_INPUT */
export function idempotentRequestOf({
  idempotencyKey: key,
  ...input
}: CreateGenerationInput): IdempotentRequest | undefined {
  if (key == null) return undefined;
  const length = [...key].length;
  if (length < 1 || length > MAX_KEY_LENGTH)
    throw badUserInput(`idempotencyKey must have 1 to ${MAX_KEY_LENGTH} characters, not ${length}`, 'idempotencyKey');
  requireStorable(key, 'idempotencyKey');
  return { key, inputHash: createHash('sha256').update(canonical(input)).digest() };
}

/** Returns the id of the earlier generation with this key. A deleted generation has freed its key. @throws CONFLICT for another input */
export async function findEarlier(
  em: SqlEntityManager,
  userId: string,
  { key, inputHash }: IdempotentRequest,
): Promise<string | undefined> {
  const [row] = await em.execute<{ id: string; isSame: boolean }[]>(
    `select id, input_hash = decode(?, 'hex') as "isSame" from generations
     where user_id = ? and idempotency_key = ? and deleted_at is null`,
    [inputHash.toString('hex'), userId, key],
  );
  if (row && !row.isSame) throw conflict('This idempotencyKey was used with a different input');
  return row?.id;
}

/** Serializes an input: the order of its members does not matter, and null is the same as absent. */
function canonical(value: unknown, depth = 0, field = ''): string {
  if (depth > MAX_DEPTH) throw badUserInput(`${field} is nested deeper than the limit of ${MAX_DEPTH}`, field);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1, field)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member != null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const written = members.map(([name, member]) => {
    return `${JSON.stringify(name)}:${canonical(member, depth + 1, depth === 0 ? name : field)}`;
  });
  return `{${written.join()}}`;
}
