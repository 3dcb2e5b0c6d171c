/** Validates the inputs of a workflow and fills in its defaults. The result can be queued. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Backends } from '../../backends/backends.js';
import { ModelKind } from '../../backends/model.js';
import { defaultModel, findModel, type ModelRow } from '../../backends/model-rows.js';
import { routeOf } from '../../backends/needs.js';
import { withSlashes } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import { saveRoute } from '../../runner/routes.js';
import { validateInputs } from '../../workflows/validate-inputs.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { Generation } from '../generation.js';
import { needsFor } from './route.js';

/** The validated columns of a new generation. */
export type Draft = Pick<
  Generation,
  'prompt' | 'negativePrompt' | 'workflowName' | 'workflowVersion' | 'modelId' | 'seed' | 'parameters' | 'route'
>;

export type DraftServices = {
  em: SqlEntityManager;
  backends: Backends;
  workflows: Workflows;
  configuredModel: string | undefined;
};

/** @throws BAD_USER_INPUT naming the input */
export async function createDraft(workflow: Workflow, given: InputValues, services: DraftServices): Promise<Draft> {
  const values = validateInputs(workflow, given, (input) => services.backends.allChoices(input));
  const model = await chooseModel(workflow, values, services);
  const route = await chooseRoute(workflow, values, model, services);
  return {
    prompt: text(values.prompt),
    negativePrompt: text(values.negativePrompt),
    workflowName: workflow.name,
    workflowVersion: workflow.version,
    modelId: model?.id ?? null,
    seed: typeof values.seed === 'string' ? values.seed : null,
    parameters: model ? { ...values, model: model.name } : values,
    route,
  };
}

async function chooseModel(
  workflow: Workflow,
  values: InputValues,
  { em, backends, configuredModel }: DraftServices,
): Promise<ModelRow | undefined> {
  if (!workflow.inputs.some(({ type }) => type === 'MODEL')) return undefined;
  return typeof values.model === 'string'
    ? await findModel(em, ModelKind.CHECKPOINT, values.model, 'model', backends)
    : await defaultModel(em, ModelKind.CHECKPOINT, configuredModel, backends);
}

/** @throws BAD_USER_INPUT with the missing models and node classes, if no backend has them all. Offline backends count. */
async function chooseRoute(
  workflow: Workflow,
  values: InputValues,
  model: ModelRow | undefined,
  { em, backends, configuredModel }: DraftServices,
): Promise<string> {
  const needs = needsFor(backends, workflow, values, model?.filename, configuredModel);
  const missing = backends.missing(needs);
  if (missing.length > 0) {
    const isModel = missing.some((each) => withSlashes(each) === withSlashes(model?.filename ?? ''));
    const field = isModel ? 'model' : 'workflow';
    throw badUserInput(`No backend can run this: missing ${missing.join(', ')}`, field, { missing });
  }
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  return route;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
