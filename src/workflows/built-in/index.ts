/** The workflows that come with the server. Every user may use them. */
import type { Graph } from '../../comfyui/index.js';
import { preferred } from '../preferred.js';
import type { Input, Workflow } from '../workflow.js';
import type { WorkflowReference, WorkflowSource } from '../workflows.js';
import { modelFamilies } from './families/index.js';
import { type FamilyWorkflow, familyWorkflow } from './family.js';
import { imageToImage } from './image-to-image.js';
import { testCard } from './test-card.js';
import { textToImage } from './text-to-image.js';

export const families: readonly FamilyWorkflow[] = modelFamilies.map((family) => familyWorkflow(family));

export const builtIn: readonly Workflow[] = [textToImage, imageToImage, ...families, testCard];

/** What the backends have. */
type Availability = {
  /** Undefined while no catalogue lists any. */
  choices(input: Pick<Input, 'type' | 'catalogue'>): readonly string[] | undefined;
  canRun(graph: Graph): boolean;
};

/** Lists a family only where a backend has its classes and files; finds it everywhere. */
export const builtInSource = (backends: Availability): WorkflowSource => ({
  list: async () => builtIn.filter((workflow) => !isFamily(workflow) || isOffered(workflow, backends)),
  find: async (reference) => find(reference),
  findRecorded: async (records) =>
    records.map(({ id, name, version }) => (id === null ? find({ name, version }) : undefined)),
  findById: async (id) => builtIn.find((workflow) => workflow.id === id),
});

/** The families that stand in for a workflow when its `model` is one of theirs, the likeliest first. */
export const familiesOf = ({ name, saved }: Workflow): FamilyWorkflow[] =>
  saved ? [] : families.filter(({ family }) => family.replaces === name);

const isFamily = (workflow: Workflow): workflow is FamilyWorkflow => 'family' in workflow;

function isOffered({ inputs, family, build }: FamilyWorkflow, backends: Availability): boolean {
  const { classType, input, files } = family.model;
  const catalogue = { classType, input };
  const model = preferred(files, backends.choices({ type: 'CHOICE', catalogue }));
  if (model === undefined) return false;
  const values = inputs.map((each) => [
    each.name,
    (each.prefers && preferred(each.prefers, backends.choices(each))) ?? each.default,
  ]);
  // A backend names its upload; the name does not affect what the graph needs.
  return backends.canRun(build({ ...Object.fromEntries(values), model, source: '', seed: '0' }, ''));
}

const find = ({ name, version }: Omit<WorkflowReference, 'userId'>): Workflow | undefined =>
  builtIn.find((workflow) => workflow.name === name && (version == null || workflow.version === version));
