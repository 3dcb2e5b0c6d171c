/** Judges what a caller asks for, and saves it: the row is the job. Nothing here waits for ComfyUI. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { suggestionList } from 'graphql/jsutils/suggestionList.js';
import { v7 as uuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.js';
import type { Backends } from '../backends/backends.js';
import { ModelKind } from '../backends/model.js';
import { defaultModel, findModel, type ModelRow } from '../backends/models.js';
import { routeOf } from '../backends/needs.js';
import { badUserInput } from '../graphql/errors.js';
import { saveRoute } from '../runner/routes.js';
import type { Storage } from '../storage/storage.js';
import { builtIn, findWorkflow } from '../workflows/built-in.js';
import { judgeValues } from '../workflows/values.js';
import type { InputValues, Workflow } from '../workflows/workflow.js';
import type { CreateGenerationInput } from './create-input.js';
import { Generation } from './generation.js';
import { requireOwnImage } from './own.js';
import { needsFor } from './route.js';

const MAX_PRIORITY = 10;

export type CreateServices = {
  em: SqlEntityManager;
  backends: Backends;
  storage: Storage;
  configuredModel: string | undefined;
};

/** @throws BAD_USER_INPUT, NOT_FOUND or FORBIDDEN for the source */
export async function createGeneration(
  viewer: Viewer,
  { workflow: workflowName, priority, parameters, ...inputs }: CreateGenerationInput,
  services: CreateServices,
): Promise<Generation> {
  const { em, backends } = services;
  const workflow = chooseWorkflow(workflowName, inputs.source);
  const given = merge(inputs, parameters);
  const values = judgeValues(workflow, given, (input) => backends.choices(input));
  const rank = -judgePriority(priority);
  const model = await chooseModel(workflow, values, services);
  const route = await chooseRoute(workflow, values, model, services);
  const id = uuid();
  const generation = em.create(Generation, {
    id,
    userId: viewer.id,
    prompt: text(values.prompt),
    negativePrompt: text(values.negativePrompt),
    workflowName: workflow.name,
    workflowVersion: workflow.version,
    modelId: model?.id ?? null,
    seed: typeof values.seed === 'string' ? values.seed : null,
    parameters: model ? { ...values, model: model.name } : values,
    sourceFile: await keepSource(viewer, workflow, values, id, services),
    rank,
    route,
  });
  await em.flush();
  return generation;
}

function chooseWorkflow(name: string | null | undefined, source: string | null | undefined): Workflow {
  const wanted = name ?? (source == null ? 'text-to-image' : 'image-to-image');
  const workflow = findWorkflow(wanted);
  if (workflow) return workflow;
  const names = builtIn.map((workflow) => workflow.name);
  const near = suggestionList(wanted.slice(0, 100), names);
  throw badUserInput(`There is no workflow ${wanted.slice(0, 100)}`, 'workflow', {
    suggestions: near.length > 0 ? near : names,
  });
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

async function chooseModel(
  workflow: Workflow,
  values: InputValues,
  { em, configuredModel }: CreateServices,
): Promise<ModelRow | undefined> {
  if (!workflow.inputs.some(({ type }) => type === 'MODEL')) return undefined;
  return typeof values.model === 'string'
    ? await findModel(em, ModelKind.CHECKPOINT, values.model, 'model')
    : await defaultModel(em, ModelKind.CHECKPOINT, configuredModel);
}

/** @throws BAD_USER_INPUT with what is missing, where no backend could run it. One that could and is away is waited for. */
async function chooseRoute(
  workflow: Workflow,
  values: InputValues,
  model: ModelRow | undefined,
  { em, backends }: CreateServices,
): Promise<string> {
  const needs = needsFor(workflow, values, model?.filename);
  const missing = backends.missing(needs);
  if (missing.length > 0) {
    const field = model && missing.includes(model.filename) ? 'model' : 'workflow';
    throw badUserInput(`No backend has all that it needs: ${missing.join(', ')}`, field, { missing });
  }
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  return route;
}

/** A copy of the picture to start from, so that deleting the original takes nothing from this generation. */
async function keepSource(
  viewer: Viewer,
  workflow: Workflow,
  values: InputValues,
  id: string,
  { em, storage }: CreateServices,
): Promise<string | null> {
  if (!workflow.inputs.some(({ type }) => type === 'IMAGE')) return null;
  const image = await requireOwnImage(em, viewer, String(values.source));
  const bytes = await storage.read(image.file);
  return await storage.save(id, bytes, image.file.slice(image.file.lastIndexOf('.') + 1));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
