/** The command that creates a generation: validates the input and queues it, without waiting for ComfyUI. */
import type { Viewer } from '../../accounts/viewer.js';
import { badUserInput, Refusal } from '../../graphql/errors.js';
import { nearest } from '../../graphql/suggestions.js';
import type { RateLimits } from '../../limits/rate-limits.js';
import { fillSourceSize } from '../../workflows/built-in/source-size.js';
import { draftOfGraph } from '../../workflows/saved/keep-graph.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { chooseFamily } from './choose-family.js';
import type { CreateGenerationInput } from './create-input.js';
import { createDraft, type DraftServices } from './draft.js';
import { type EnqueueServices, enqueue } from './enqueue.js';
import { findFiles } from './files.js';
import { findEarlier, type IdempotentRequest, idempotentRequestOf } from './idempotency.js';

const MAX_PRIORITY = 10;

/** Returns the normal form of a URL. @throws BAD_USER_INPUT. `deliveries` implements it, because generations must not import that room. */
export type ValidateUrl = (url: string, field: string) => string;

export type CreateServices = DraftServices &
  EnqueueServices & { rateLimits: RateLimits; validateWebhookUrl: ValidateUrl };

/**
 * Returns the earlier generation if the same input was given under the same key.
 * @throws RATE_LIMITED, BAD_USER_INPUT, QUOTA_EXCEEDED, CONFLICT for the key, NOT_FOUND, FORBIDDEN or CONFLICT for a file, FORBIDDEN for a graph
 */
export async function createGeneration(
  viewer: Viewer,
  input: CreateGenerationInput,
  services: CreateServices,
): Promise<GenerationRow> {
  const name = input.graph == null ? (input.workflow ?? defaultWorkflow(input.source)) : undefined;
  // One round trip for both: creations beyond the limit are rare.
  const [found] = await Promise.all([
    name === undefined ? undefined : services.workflows.find({ userId: viewer.id, name }),
    services.rateLimits.take('creation', viewer.id),
  ]);
  const request = idempotentRequestOf(input);
  try {
    return await createNew(viewer, input, { found, request }, services);
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
  { found, request }: { found: Workflow | undefined; request: IdempotentRequest | undefined },
  services: CreateServices,
): Promise<GenerationRow> {
  const { workflow: workflowName, graph, priority, parameters, webhookUrl, idempotencyKey: _, ...inputs } = input;
  if (graph != null && workflowName != null) throw badUserInput('Give workflow or graph, and not both', 'graph');
  const own = graph == null ? undefined : await draftOfGraph(viewer, graph, services);
  const named = own?.workflow ?? found ?? (await rejectName(String(workflowName), viewer, services.workflows));
  const { workflow, given } = await chooseFamily(named, merge(withSource(inputs, named), parameters), services);
  const rank = -validatePriority(priority);
  const notifiedUrl = webhookUrl == null ? null : services.validateWebhookUrl(webhookUrl, 'webhookUrl');
  const draft = await createDraft(workflow, given, services);
  const images = await findFiles(viewer, workflow, draft.parameters, services);
  const [source] = images.values();
  if (source?.width && source.height && !workflow.saved)
    draft.parameters = fillSourceSize(workflow, draft.parameters, { width: source.width, height: source.height });
  if (own) draft.workflowId = await own.keep();
  const files = Object.fromEntries([...images].map(([name, { file }]) => [name, file]));
  return await enqueue(viewer, { draft, rank, files, webhookUrl: notifiedUrl, request }, services);
}

/** `source` stands for the only input of type IMAGE. */
function withSource({ source, ...inputs }: InputValues, { inputs: known }: Workflow): InputValues {
  const [image, ...others] = known.filter(({ type }) => type === 'IMAGE');
  if (source == null || !image || others.length > 0 || known.some(({ name }) => name === 'source'))
    return { source, ...inputs };
  return { ...inputs, [image.name]: source };
}

const defaultWorkflow = (source: string | null | undefined): string =>
  source == null ? 'text-to-image' : 'image-to-image';

async function rejectName(name: string, viewer: Viewer, workflows: Workflows): Promise<never> {
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
