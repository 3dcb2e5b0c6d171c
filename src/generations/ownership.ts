/** Whose is it: the one check between an id and what it names. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.js';
import type { Image } from '../assets/result.js';
import { readImage } from '../assets/result-rows.js';
import { forbidden, notFound } from '../graphql/errors.js';
import { type GenerationRow, readGeneration } from './generation-rows.js';

/** @throws NOT_FOUND where there is none (a malformed id included), FORBIDDEN where it is another's */
export async function requireOwnGeneration(em: SqlEntityManager, viewer: Viewer, id: string): Promise<GenerationRow> {
  const row = isUuid(id) ? await readGeneration(em, id) : undefined;
  if (!row) throw notFound('generation');
  if (row.userId !== viewer.id) throw forbidden('This generation belongs to somebody else');
  return row;
}

/** @throws NOT_FOUND, FORBIDDEN */
export async function requireOwnImage(em: SqlEntityManager, viewer: Viewer, id: string): Promise<Image> {
  const row = isUuid(id) ? await readImage(em, id) : undefined;
  if (!row) throw notFound('image');
  if (row.userId !== viewer.id) throw forbidden('This image belongs to somebody else');
  return row;
}
