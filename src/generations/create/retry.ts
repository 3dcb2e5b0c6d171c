/** Tries a final generation again, as a new one. */
import type { Viewer } from '../../accounts/viewer.js';
import { badUserInput, conflict } from '../../graphql/errors.js';
import { Generation } from '../generation.js';
import { requireOwnGeneration } from '../ownership.js';
import { isFinal } from '../status.js';
import { type DraftServices, draft } from './draft.js';
import { enqueue, type Queued, type QueueServices } from './enqueue.js';

/**
 * Judged anew: what was accepted then may be refused by now.
 * @param seed undefined for the one that was used
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT where it is not final, BAD_USER_INPUT, QUOTA_EXCEEDED
 */
export async function retryGeneration(
  viewer: Viewer,
  id: string,
  seed: string | undefined,
  services: DraftServices & QueueServices,
): Promise<Queued> {
  await requireOwnGeneration(services.em, viewer, id);
  const original = await services.em.findOneOrFail(Generation, id);
  if (!isFinal(original.status))
    throw conflict(`It is still ${original.status}: only what has ended can be tried again`);
  const { workflowName: name, workflowVersion: version } = original;
  const workflow = await services.workflows.find({ userId: viewer.id, name, version });
  if (!workflow) throw badUserInput(`There is no workflow ${name} any more`, 'workflow');
  const given = seed === undefined ? original.parameters : { ...original.parameters, seed };
  const judged = await draft(workflow, given, services);
  const { rank, sourceFile } = original;
  return await enqueue(viewer, { draft: judged, rank, source: sourceFile ?? undefined, retryOfId: id }, services);
}
