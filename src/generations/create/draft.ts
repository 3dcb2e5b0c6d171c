/** Validates the inputs of a workflow and fills in its defaults. The result can be queued. */
import type { Backends } from '../../backends/backends.js';
import type { KnownModel } from '../../backends/known-models.js';
import { ModelKind } from '../../backends/model.js';
import type { Needs } from '../../backends/needs.js';
import { withSlashes } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import { validateInputs } from '../../workflows/validate-inputs.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { Generation } from '../generation.js';
import { needsFor } from './route.js';

/** The validated columns of a new generation, and what it needs of a backend. */
export type Draft = Pick<
  Generation,
  'prompt' | 'negativePrompt' | 'workflowName' | 'workflowVersion' | 'modelId' | 'seed' | 'parameters'
> & { needs: Needs };

export type DraftServices = {
  backends: Backends;
  workflows: Workflows;
  configuredModel: string | undefined;
};

/** @throws BAD_USER_INPUT naming the input */
export async function createDraft(workflow: Workflow, given: InputValues, services: DraftServices): Promise<Draft> {
  const values = validateInputs(workflow, given, (input) => services.backends.allChoices(input));
  const model = await chooseModel(workflow, values, services);
  return {
    prompt: text(values.prompt),
    negativePrompt: text(values.negativePrompt),
    workflowName: workflow.name,
    workflowVersion: workflow.version,
    modelId: model?.id ?? null,
    seed: typeof values.seed === 'string' ? values.seed : null,
    parameters: model ? { ...values, model: model.name } : values,
    needs: requireServed(workflow, values, model, services),
  };
}

async function chooseModel(
  workflow: Workflow,
  values: InputValues,
  { backends: { models }, configuredModel }: DraftServices,
): Promise<KnownModel | undefined> {
  if (!workflow.inputs.some(({ type }) => type === 'MODEL')) return undefined;
  return typeof values.model === 'string'
    ? await models.find(ModelKind.CHECKPOINT, values.model, 'model')
    : await models.default(ModelKind.CHECKPOINT, configuredModel);
}

/** @throws BAD_USER_INPUT with the missing models and node classes, if no backend has them all. Offline backends count. */
function requireServed(
  workflow: Workflow,
  values: InputValues,
  model: KnownModel | undefined,
  { backends, configuredModel }: DraftServices,
): Needs {
  const needs = needsFor(backends, workflow, values, model?.filename, configuredModel);
  const missing = backends.missing(needs);
  if (missing.length === 0) return needs;
  const isModel = missing.some((each) => withSlashes(each) === withSlashes(model?.filename ?? ''));
  throw badUserInput(`No backend can run this: missing ${missing.join(', ')}`, isModel ? 'model' : 'workflow', {
    missing,
  });
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
