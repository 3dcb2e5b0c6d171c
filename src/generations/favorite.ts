/** The command that marks a generation as a favorite, or as none. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../accounts/viewer.js';
import type { GenerationRow } from './generation-rows.js';
import { requireOwnGeneration } from './ownership.js';
import { changed, type MoveReport } from './report-change.js';

/** The revision rises, so that other clients of the user take the newer mark. Not when nothing changes. */
const MARK = `update generations set is_favorite = ?, revision = revision + 1, updated_at = now()
  where id = ? and is_favorite <> ? and deleted_at is null`;

/** @throws NOT_FOUND, FORBIDDEN */
export async function favoriteGeneration(
  viewer: Viewer,
  id: string,
  isFavorite: boolean,
  services: MoveReport & { em: SqlEntityManager },
): Promise<GenerationRow> {
  const generation = await requireOwnGeneration(services.em, viewer, id);
  if (generation.isFavorite === isFavorite) return generation;
  await services.em.execute(MARK, [isFavorite, generation.id, isFavorite]);
  changed(generation, 'moved', services);
  return await requireOwnGeneration(services.em, viewer, generation.id);
}
