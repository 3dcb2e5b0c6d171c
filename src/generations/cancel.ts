/** The command that cancels a generation. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../accounts/viewer.js';
import type { GenerationRow } from './generation-rows.js';
import { requireOwnGeneration } from './ownership.js';
import { type CommandReport, changed } from './report-change.js';
import { isFinal } from './status.js';
import { requestCancel } from './transitions.js';

/**
 * Returns a final generation unchanged.
 * @throws NOT_FOUND, FORBIDDEN
 */
export async function cancelGeneration(
  viewer: Viewer,
  id: string,
  services: CommandReport & { em: SqlEntityManager },
): Promise<GenerationRow> {
  const generation = await requireOwnGeneration(services.em, viewer, id);
  if (isFinal(generation.status)) return generation;
  const [moved] = await requestCancel(services.em, [generation.id]);
  changed(moved ?? generation, 'stopping', services);
  return await requireOwnGeneration(services.em, viewer, generation.id);
}
