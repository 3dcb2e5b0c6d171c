/** The command that creates a generation: validates the input and queues it, without waiting for ComfyUI. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import { requireOwnFile } from '../../assets/own-file.js';
import { badUserInput, Refusal } from '../../graphql/errors.js';
import { nearest } from '../../graphql/suggestions.js';
import type { RateLimits } from '../../limits/rate-limits.js';
import { fillSourceSize } from '../../workflows/built-in/source-size.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { chooseFamily } from './choose-family.js';
import type { CreateGenerationInput } from './create-input.js';
import { createDraft, type DraftServices } from './draft.js';
import { type EnqueueServices, enqueue } from './enqueue.js';
import { findEarlier, type IdempotentRequest, idempotentRequestOf } from './idempotency.js';

const MAX_PRIORITY = 10;

export type CreateServices = DraftServices & EnqueueServices & { rateLimits: RateLimits };

/**
 * Returns the earlier generation if the same input was given under the same key.
 * @throws RATE_LIMITED, BAD_USER_INPUT, QUOTA_EXCEEDED, CONFLICT for the key, NOT_FOUND, FORBIDDEN or CONFLICT for the source
 */
export async function createGeneration(
  viewer: Viewer,
  input: CreateGenerationInput,
  services: CreateServices,
): Promise<GenerationRow> {
  await services.rateLimits.take('creation', viewer.id);
  const request = idempotentRequestOf(input);
  try {
    return await createNew(viewer, input, request, services);
  } catch (error) {
    // The input of an earlier generation may be invalid by now.
    const earlier = request && error instanceof Refusal && (await findEarlier(services.em, viewer.id, request));
    if (earlier) return await requireOwnGeneration(services.em, viewer, earlier);
    throw error;
  }
}

async function createNew(
  viewer: Viewer,
  input: CreateGenerationInput,
  request: IdempotentRequest | undefined,
  services: CreateServices,
): Promise<GenerationRow> {
  const { workflow: workflowName, priority, parameters, idempotencyKey: _, ...inputs } = input;
  const named = await chooseWorkflow(workflowName ?? defaultWorkflow(inputs.source), viewer, services.workflows);
  const { workflow, given } = await chooseFamily(named, merge(inputs, parameters), services);
  const rank = -validatePriority(priority);
  const draft = await createDraft(workflow, given, services);
  const source = await findSource(viewer, workflow, draft.parameters, services.em);
  if (source) draft.parameters = fillSourceSize(workflow, draft.parameters, source);
  return await enqueue(viewer, { draft, rank, source: source?.file, request }, services);
}

const defaultWorkflow = (source: string | null | undefined): string =>
  source == null ? 'text-to-image' : 'image-to-image';

async function chooseWorkflow(name: string, viewer: Viewer, workflows: Workflows): Promise<Workflow> {
  const workflow = await workflows.find({ userId: viewer.id, name });
  if (workflow) return workflow;
  const names = (await workflows.list(viewer.id)).map((workflow) => workflow.name);
  throw badUserInput(`Unknown workflow ${name.slice(0, 100)}`, 'workflow', { suggestions: nearest(name, names) });
}

/** Merges `parameters` into the inputs. @throws BAD_USER_INPUT for an input that is given in both */
function merge(inputs: InputValues, parameters: unknown): InputValues {
  if (parameters == null) return inputs;
  if (typeof parameters !== 'object' || Array.isArray(parameters))
    throw badUserInput('parameters must be an object of input names and values', 'parameters');
  for (const [name, value] of Object.entries(parameters)) {
    if (Object.hasOwn(inputs, name) && inputs[name] != null && value != null)
      throw badUserInput(`${name} is given twice: as an input and in parameters`, name);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw badUserInput(`${name} exceeds 2^53-1: pass it as a string`, name);
  }
  return { ...inputs, ...Object.fromEntries(Object.entries(parameters).filter(([, value]) => value != null)) };
}

function validatePriority(priority: number | null | undefined): number {
  if (priority == null) return 0;
  if (Math.abs(priority) > MAX_PRIORITY)
    throw badUserInput(`priority must be from -${MAX_PRIORITY} to ${MAX_PRIORITY}, not ${priority}`, 'priority');
  return priority;
}

type SourceImage = { file: string; width: number; height: number };

/** Returns the source image, if the workflow takes one. */
async function findSource(
  viewer: Viewer,
  workflow: Workflow,
  values: InputValues,
  em: SqlEntityManager,
): Promise<SourceImage | undefined> {
  if (!workflow.inputs.some(({ type }) => type === 'IMAGE')) return undefined;
  const { file, contentType, width, height } = await requireOwnFile(em, viewer, String(values.source));
  if (width === null || height === null) throw badUserInput(`source must be an image, not ${contentType}`, 'source');
  return { file, width, height };
}
