/** The command that deletes a generation. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../accounts/viewer.js';
import { notFound } from '../graphql/errors.js';
import { requireOwnGeneration } from './ownership.js';
import { type CommandReport, changed } from './report-change.js';
import { markDeleted } from './transitions.js';
import { type Cleaners, clearGeneration } from './upkeep/clear-generation.js';

/**
 * Stops the generation if it runs, and removes its files unless a prompt of it is open: the job removes them then.
 * @returns the id as PostgreSQL writes it
 * @throws NOT_FOUND, FORBIDDEN
 */
export async function deleteGeneration(
  viewer: Viewer,
  id: string,
  services: CommandReport & Cleaners & { em: SqlEntityManager },
): Promise<string> {
  const generation = await requireOwnGeneration(services.em, viewer, id);
  // A concurrent request may have deleted it first.
  const [moved] = await markDeleted(services.em, [generation.id]);
  if (!moved) throw notFound('generation');
  changed(moved, 'stopping', services);
  await clearGeneration(generation.id, services);
  return generation.id;
}
