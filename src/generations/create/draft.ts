/** Validates the inputs of a workflow and fills in its defaults. The result can be queued. */
import type { Backends } from '../../backends/backends.js';
import type { Needs } from '../../backends/needs.js';
import { type Problem, withSlashes } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import type { MissingPart } from '../../graphql/missing-part.js';
import { sampleGraph } from '../../workflows/sample-graph.js';
import { validateInputs } from '../../workflows/validate-inputs.js';
import type { InputValues, Lora, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { Generation } from '../generation.js';
import { type ResolvedModels, resolveModels } from './models.js';
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
  const models = await resolveModels(workflow, values, services);
  return {
    prompt: text(values.prompt),
    negativePrompt: text(values.negativePrompt),
    workflowName: workflow.name,
    workflowVersion: workflow.version,
    modelId: models.model?.id ?? null,
    seed: typeof values.seed === 'string' ? values.seed : null,
    parameters: models.names,
    needs: requireServed(workflow, models, services.backends),
  };
}

/** @throws BAD_USER_INPUT with the missing models and node classes, if no backend can run it. Offline backends count. */
function requireServed(workflow: Workflow, models: ResolvedModels, backends: Backends): Needs {
  const graph = sampleGraph(workflow, models.files);
  const problems = backends.check(graph);
  if (problems.length === 0) return needsFor(backends, graph, models);
  const missing = backends.missingParts(problems);
  if (missing.length === 0) throw badUserInput(`No backend can run this: ${sentence(problems)}`, 'workflow');
  const names = missing.map(({ name }) => name).join(', ');
  throw badUserInput(`No backend can run this: missing ${names}`, fieldOf(workflow, models, missing), { missing });
}

const sentence = ([first, ...more]: Problem[]): string =>
  `${first?.message}${more.length > 0 ? ` (and ${more.length} more problems)` : ''}`;

/** The input that names a missing model; `workflow` if none does. */
function fieldOf({ inputs }: Workflow, { files }: ResolvedModels, missing: readonly MissingPart[]): string {
  const names = new Set(missing.map(({ name }) => withSlashes(name)));
  const isMissing = (file: unknown) => typeof file === 'string' && names.has(withSlashes(file));
  const found = inputs.find(({ name, type }) => {
    const value = files[name];
    return type === 'LORAS' && Array.isArray(value)
      ? value.some((lora: Lora) => isMissing(lora.name))
      : type === 'MODEL' && isMissing(value);
  });
  return found?.name ?? 'workflow';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
