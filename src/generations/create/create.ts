/** Judges what a caller asks for, and queues it. Nothing here waits for ComfyUI. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import type { Image } from '../../assets/result.js';
import { badUserInput } from '../../graphql/errors.js';
import { nearest } from '../../graphql/suggestions.js';
import { fillSourceSize } from '../../workflows/built-in/source-size.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import { requireOwnImage } from '../ownership.js';
import type { CreateGenerationInput } from './create-input.js';
import { type DraftServices, draft } from './draft.js';
import { enqueue, type Queued, type QueueServices } from './enqueue.js';
import { findEarlier, requestOf } from './idempotency.js';

const MAX_PRIORITY = 10;

export type CreateServices = DraftServices & QueueServices;

/** @throws BAD_USER_INPUT, QUOTA_EXCEEDED, CONFLICT for the key, NOT_FOUND or FORBIDDEN for the source */
export async function createGeneration(
  viewer: Viewer,
  input: CreateGenerationInput,
  services: CreateServices,
): Promise<Queued> {
  const request = requestOf(input);
  // Before anything is judged: what was accepted once may be refused by now, and is there all the same.
  const earlier = request && (await findEarlier(services.em, viewer.id, request));
  if (earlier) return { id: earlier, isNew: false };
  const { workflow: workflowName, priority, parameters, idempotencyKey: _, ...inputs } = input;
  const workflow = await chooseWorkflow(workflowName ?? defaultWorkflow(inputs.source), viewer, services.workflows);
  const given = merge(inputs, parameters);
  const rank = -judgePriority(priority);
  const judged = await draft(workflow, given, services);
  const source = await findSource(viewer, workflow, judged.parameters, services.em);
  if (source) judged.parameters = fillSourceSize(workflow, judged.parameters, source);
  return await enqueue(viewer, { draft: judged, rank, source: source?.file, request }, services);
}

const defaultWorkflow = (source: string | null | undefined): string =>
  source == null ? 'text-to-image' : 'image-to-image';

async function chooseWorkflow(name: string, viewer: Viewer, workflows: Workflows): Promise<Workflow> {
  const workflow = await workflows.find({ userId: viewer.id, name });
  if (workflow) return workflow;
  const names = (await workflows.list(viewer.id)).map((workflow) => workflow.name);
  throw badUserInput(`There is no workflow ${name.slice(0, 100)}`, 'workflow', { suggestions: nearest(name, names) });
}

/** `parameters` is another way to give the same inputs: each may be given in one of the two places. */
function merge(inputs: InputValues, parameters: unknown): InputValues {
  if (parameters == null) return inputs;
  if (typeof parameters !== 'object' || Array.isArray(parameters))
    throw badUserInput('parameters must be an object: the names of inputs and their values', 'parameters');
  for (const [name, value] of Object.entries(parameters)) {
    if (Object.hasOwn(inputs, name) && inputs[name] != null && value != null)
      throw badUserInput(`${name} is given twice: itself and in parameters`, name);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw badUserInput(`${name} is above 2^53-1: write it as a string`, name);
  }
  return { ...inputs, ...Object.fromEntries(Object.entries(parameters).filter(([, value]) => value != null)) };
}

function judgePriority(priority: number | null | undefined): number {
  if (priority == null) return 0;
  if (Math.abs(priority) > MAX_PRIORITY)
    throw badUserInput(`priority must be from -${MAX_PRIORITY} to ${MAX_PRIORITY}, not ${priority}`, 'priority');
  return priority;
}

/** The picture to start from, where the workflow takes one. */
async function findSource(
  viewer: Viewer,
  workflow: Workflow,
  values: InputValues,
  em: SqlEntityManager,
): Promise<Image | undefined> {
  if (!workflow.inputs.some(({ type }) => type === 'IMAGE')) return undefined;
  return await requireOwnImage(em, viewer, String(values.source));
}
