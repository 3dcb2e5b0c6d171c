/** The rows of blobs: what is stored once for each account, and what nothing refers to. */
import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { anyOf, query } from '../db/query.js';
import { sqlArray } from '../db/sql-array.js';
import { blobOf } from './derived.js';

/** A file that is stored, and has no row yet. */
export type NewBlob = { file: string; hash: string; byteSize: number };

/** The bytes under a key never change. */
export const newKey = (userId: string, extension: string): string =>
  `${userId}/${randomUUID().replaceAll('-', '')}.${extension}`;

/**
 * SQL: inserts blobs from `source`, rows of file, user_id, hash and byte_size with each hash once. Returns the key of each hash: an earlier
 * blob of the account with the same bytes keeps its own, and the new file is not needed. The update locks the earlier blob until the end of
 * the transaction, without changing it. The order prevents deadlocks between statements that save the same blobs.
 */
export const saveBlobs = (source: string): string => `
  insert into blobs (file, user_id, hash, byte_size) select file, user_id, hash, byte_size from ${source} order by hash
  on conflict (user_id, hash) do update set byte_size = excluded.byte_size returning file, hash`;

/** Returns the key of the blob with these bytes. */
export async function saveBlob(
  em: SqlEntityManager,
  userId: string,
  { file, hash, byteSize }: NewBlob,
): Promise<string> {
  const [row] = await em.execute<{ file: string }[]>(
    saveBlobs('(select ? as file, ?::uuid as user_id, ? as hash, ?::bigint as byte_size) new'),
    [file, userId, hash, byteSize],
  );
  if (!row) throw new Error('PostgreSQL did not return the row it saved');
  return row.file;
}

/** The columns that refer to blobs. */
export const REFERENCES = ['images.file', 'files.file', 'files.poster', 'uploads.file', 'generation_inputs.file'];
const IS_UNUSED = REFERENCES.map(
  (column) => `not exists (select from ${column.split('.')[0]} where ${column} = b.file)`,
);

/**
 * Deletes those of these blobs that nothing refers to, in the transaction that removed the references. Returns the files to be removed after
 * its commit.
 */
export async function deleteUnused(em: SqlEntityManager, files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const keys = sqlArray(files);
  // With the locks no transaction adds a reference, and the second statement sees what others have added and removed until then.
  await em.execute('select from blobs where file = any(?::text[]) order by hash, file for update', [keys]);
  const rows = await em.execute<{ file: string }[]>(
    `delete from blobs b where file = any(?::text[]) and ${IS_UNUSED.join(' and ')} returning file`,
    [keys],
  );
  return rows.map(({ file }) => file);
}

/** Returns those of these keys that belong to no blob. */
export async function withoutBlob(em: SqlEntityManager, keys: readonly string[]): Promise<string[]> {
  const rows = await query(em)
    .selectFrom('blobs')
    .select('file')
    .where('file', '=', anyOf(keys.map(blobOf)))
    .execute();
  const known = new Set(rows.map(({ file }) => file));
  return keys.filter((key) => !known.has(blobOf(key)));
}
