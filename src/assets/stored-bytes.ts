/** How many bytes the files of all accounts have. The statement reads a whole table: call it rarely. */
import type { SqlRunner } from '../db/reads.js';

export async function readStoredBytes(reads: SqlRunner): Promise<number> {
  const [row] = await reads.execute<{ bytes: number }[]>(
    'select coalesce(sum(byte_size), 0)::float8 as bytes from blobs',
  );
  return row?.bytes ?? 0;
}
