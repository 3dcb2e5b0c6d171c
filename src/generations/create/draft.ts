/** Validates the inputs of a workflow and fills in its defaults. The result can be queued. */
import type { Backends } from '../../backends/backends.js';
import type { Needs } from '../../backends/needs.js';
import { type Problem, withSlashes } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import type { MissingPart } from '../../graphql/missing-part.js';
import type { NodePolicy } from '../../workflows/graph/node-policy.js';
import { requireSafe } from '../../workflows/graph/safety.js';
import { sampleGraph } from '../../workflows/sample-graph.js';
import { textsOf } from '../../workflows/saved/graph-texts.js';
import { validateInputs } from '../../workflows/validate-inputs.js';
import { type InputValues, isFileType, type Lora, seedInputOf, type Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { Generation } from '../generation.js';
import { type ResolvedModels, resolveModels } from './models.js';
import { needsFor } from './route.js';

/** The validated columns of a new generation, and what it needs of a backend. */
export type Draft = Pick<
  Generation,
  'prompt' | 'negativePrompt' | 'workflowName' | 'workflowVersion' | 'workflowId' | 'modelId' | 'seed' | 'parameters'
> & { needs: Needs };

type Prompts = Pick<Draft, 'prompt' | 'negativePrompt'>;

export type DraftServices = {
  backends: Backends;
  workflows: Workflows;
  nodePolicy: NodePolicy;
  configuredModel: string | undefined;
};

/** @throws BAD_USER_INPUT naming the input */
export async function createDraft(workflow: Workflow, given: InputValues, services: DraftServices): Promise<Draft> {
  const values = validateInputs(workflow, given, (input) => services.backends.allChoices(input));
  requireSafeGraph(workflow, values, services);
  const models = await resolveModels(workflow, values, services);
  const seed = values[seedInputOf(workflow)?.name ?? ''];
  return {
    ...promptsOf(workflow, models, services.backends),
    workflowName: workflow.name,
    workflowVersion: workflow.version,
    workflowId: workflow.saved ? workflow.id : null,
    modelId: models.model?.id ?? null,
    seed: typeof seed === 'string' ? seed : null,
    parameters: models.names,
    needs: requireServed(workflow, models, services.backends),
  };
}

function promptsOf(workflow: Workflow, { names }: ResolvedModels, { rulesOf }: Backends): Prompts {
  if (workflow.saved?.isListed === false) return textsOf(sampleGraph(workflow, names), rulesOf);
  return { prompt: text(names.prompt), negativePrompt: text(names.negativePrompt) };
}

/** Again: since the workflow was saved, the policy, the role of its owner and the nodes of a ComfyUI may have changed. */
function requireSafeGraph(workflow: Workflow, values: InputValues, services: DraftServices): void {
  const { saved, inputs } = workflow;
  if (!saved) return;
  const given = inputs.filter(({ name, type }) => isFileType(type) && values[name] != null);
  const filePlaces = given.flatMap(({ name }) => saved.places.get(name) ?? []);
  requireSafe({ ...saved, filePlaces }, services.backends.rulesOf, services.nodePolicy, graphFieldOf(workflow));
}

/** @throws BAD_USER_INPUT with the missing models and node classes, if no backend can run it. Offline backends count. */
function requireServed(workflow: Workflow, models: ResolvedModels, backends: Backends): Needs {
  const graph = sampleGraph(workflow, models.files);
  const problems = backends.check(graph);
  if (problems.length === 0) return needsFor(backends, graph, models);
  const missing = backends.missingParts(problems, graph);
  if (missing.length === 0)
    throw badUserInput(`No backend can run this: ${sentence(problems)}`, graphFieldOf(workflow), nodeOf(problems));
  const names = missing.map(({ name }) => name).join(', ');
  throw badUserInput(`No backend can run this: missing ${names}`, fieldOf(workflow, models, missing), { missing });
}

const sentence = ([first, ...more]: Problem[]): string =>
  `${first?.message}${more.length > 0 ? ` (and ${more.length} more problems)` : ''}`;

const nodeOf = ([first]: Problem[]) => (first?.nodeId === undefined ? {} : { nodeId: first.nodeId });

/** The input of `createGeneration` that the graph comes from. */
const graphFieldOf = ({ saved }: Workflow): string => (saved?.isListed === false ? 'graph' : 'workflow');

/** The input that names a missing model; that of the graph if none does. */
function fieldOf(workflow: Workflow, { files }: ResolvedModels, missing: readonly MissingPart[]): string {
  const names = new Set(missing.map(({ name }) => withSlashes(name)));
  const isMissing = (file: unknown) => typeof file === 'string' && names.has(withSlashes(file));
  const found = workflow.inputs.find(({ name, type }) => {
    const value = files[name];
    return type === 'LORAS' && Array.isArray(value)
      ? value.some((lora: Lora) => isMissing(lora.name))
      : type === 'MODEL' && isMissing(value);
  });
  return found?.name ?? graphFieldOf(workflow);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
