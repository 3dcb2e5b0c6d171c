/** Ownership checks: load by id, or throw. */
import { validate as isUuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.js';
import type { SqlRunner } from '../db/reads.js';
import { forbidden, notFound } from '../graphql/errors.js';
import { type GenerationWithParts, type Parts, readGeneration } from './generation-rows.js';

/** @throws NOT_FOUND for an unknown or malformed id, FORBIDDEN for another user's generation */
export async function requireOwnGeneration(
  sql: SqlRunner,
  viewer: Viewer,
  id: string,
  parts?: Parts,
): Promise<GenerationWithParts> {
  return requireOwn(isUuid(id) ? await readGeneration(sql, id, parts) : undefined, viewer);
}

/** @throws NOT_FOUND without a row, FORBIDDEN for another user's generation */
export function requireOwn<Row extends { userId: string }>(row: Row | undefined, viewer: Viewer): Row {
  if (!row) throw notFound('generation');
  if (row.userId !== viewer.id) throw forbidden('This generation belongs to another user');
  return row;
}
