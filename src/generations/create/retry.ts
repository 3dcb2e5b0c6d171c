/** The command that retries a final generation, as a new one. */
import type { Viewer } from '../../accounts/viewer.js';
import { badUserInput, conflict, forbidden } from '../../graphql/errors.js';
import { isUsableBy, seedInputOf } from '../../workflows/workflow.js';
import { Generation } from '../generation.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { isFinal } from '../status.js';
import type { CreateServices } from './create.js';
import { createDraft } from './draft.js';
import { enqueue } from './enqueue.js';

/**
 * Validates the input again: it may be invalid by now.
 * @param seed undefined for the original's seed
 * @throws RATE_LIMITED, NOT_FOUND, FORBIDDEN, CONFLICT for one that is not final, BAD_USER_INPUT, QUOTA_EXCEEDED
 */
export async function retryGeneration(
  viewer: Viewer,
  id: string,
  seed: string | undefined,
  services: CreateServices,
): Promise<GenerationRow> {
  await services.rateLimits.take('creation', viewer.id);
  await requireOwnGeneration(services.em, viewer, id);
  const original = await services.em.findOneOrFail(Generation, id, { populate: ['webhookUrl'] });
  if (!isFinal(original.status))
    throw conflict(`The generation is still ${original.status}: only a final one can be retried`);
  const { workflowId, workflowName: name, workflowVersion: version } = original;
  const [workflow] = await services.workflows.findRecorded([{ id: workflowId, name, version }]);
  if (!workflow) throw badUserInput(`The workflow ${name} no longer exists`, 'workflow');
  if (!isUsableBy(workflow, viewer.id)) throw forbidden(`The workflow ${name} is no longer shared`);
  const seedName = seedInputOf(workflow)?.name ?? 'seed';
  const given = seed === undefined ? original.parameters : { ...original.parameters, [seedName]: seed };
  const draft = await createDraft(workflow, given, services);
  const { rank, inputFiles: files, webhookUrl } = original;
  return await enqueue(viewer, { draft, rank, files, webhookUrl, retryOfId: id }, services);
}
