/** The form of a workflow while it is edited. */
import { uniqueKey } from '../../api/unique-key';
import type { Draft } from '../draft';
import type { Workflow } from '../view/workflow-page';
import { inputNameOf, nameOf } from './names';

export type InputType = Draft['inputs'][number]['proposal']['type'];
export type Place = { nodeId: string; input: string };
type Node = { class_type: string; inputs: Record<string, unknown>; _meta?: { title?: string } };
export type Graph = Record<string, Node>;

/** Null: as the graph and ComfyUI have it. */
export type InputForm = Place & {
  /** Stays while the rest changes. */
  key: string;
  name: string;
  title: string;
  description: string;
  group: string;
  also: readonly Place[];
  type: InputType | null;
  required: boolean | null;
  default: unknown;
  min: number | null;
  max: number | null;
  choices: readonly string[] | null;
  isAdvanced: boolean;
};

export type OutputForm = { nodeId: string; name: string; title: string; isKept: boolean };

export type WorkflowForm = {
  name: string;
  title: string;
  description: string;
  graph: Graph;
  inputs: readonly InputForm[];
  outputs: readonly OutputForm[];
  isShared: boolean;
};

export function formOfDraft({ graph, inputs, outputs }: Draft, title: string): WorkflowForm {
  return {
    name: nameOf(title),
    title,
    description: '',
    graph: graph as Graph,
    inputs: inputs.map(({ nodeId, input, also, proposal }) => ({
      key: uniqueKey(),
      nodeId,
      input,
      also: also.map(placeOf),
      name: proposal.name,
      title: proposal.title,
      description: proposal.description ?? '',
      group: proposal.group ?? '',
      type: proposal.type,
      required: proposal.required,
      default: proposal.default,
      min: proposal.min,
      max: proposal.max,
      // Those of a proposal are what ComfyUI offers now.
      choices: null,
      isAdvanced: proposal.isAdvanced,
    })),
    outputs: outputs.map((output) => ({ ...output, isKept: true })),
    isShared: false,
  };
}

type Readable = Workflow & { bindings: NonNullable<Workflow['bindings']> };

export function formOfWorkflow({ bindings, outputs, owner, ...workflow }: Readable): WorkflowForm {
  return {
    name: workflow.name,
    title: workflow.title === workflow.name ? '' : workflow.title,
    description: workflow.description ?? '',
    graph: workflow.graph as Graph,
    inputs: bindings.map(({ also, title, description, group, ...binding }) => ({
      ...binding,
      key: uniqueKey(),
      also: also.map(placeOf),
      title: title ?? '',
      description: description ?? '',
      group: group ?? '',
    })),
    outputs: outputs.map(({ nodeId, name, title }) => ({ nodeId, name, title, isKept: true })),
    // A copy of another user's workflow is not shared.
    isShared: owner !== null && workflow.isShared,
  };
}

/** Whether two forms would save the same. */
export const isSameForm = (one: WorkflowForm, other: WorkflowForm): boolean => contentOf(one) === contentOf(other);

/** The keys of inputs are of the page alone, and an immutable graph needs no comparison. */
const contentOf = ({ name, title, description, isShared, inputs, outputs }: WorkflowForm): string =>
  JSON.stringify([
    [name, title, description, isShared],
    inputs.map(({ key: _, ...input }) => Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1))),
    outputs.map((output) => [output.nodeId, output.name, output.title, output.isKept]),
  ]);

const placeOf = ({ nodeId, input }: Place): Place => ({ nodeId, input });

/** An input for a constant of the graph. */
export const newInput = (place: Place, inputs: readonly InputForm[]): InputForm => ({
  ...place,
  key: uniqueKey(),
  name: inputNameOf(
    place.input,
    inputs.map(({ name }) => name),
  ),
  title: titleOf(place.input),
  description: '',
  group: '',
  also: [],
  type: null,
  required: null,
  default: null,
  min: null,
  max: null,
  choices: null,
  isAdvanced: false,
});

/** @returns such as `Sampler name` */
function titleOf(input: string): string {
  const words = input.replaceAll(/[_.]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
