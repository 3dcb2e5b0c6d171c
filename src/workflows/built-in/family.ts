/** A family of models: the graph that runs it, as data in `families/`, and a workflow built from it. */
import { v5 as uuid } from 'uuid';
import { type Graph, kindOfFolder, knownFolder, type Link, type ModelKind } from '../../comfyui/index.js';
import { type LoraPoint, withLoras } from '../loras.js';
import { FOR_PICTURES, fits } from '../preferred.js';
import type { Input, InputValues, Lora, Output, Workflow } from '../workflow.js';
import * as commonInputs from './common-inputs.js';

/** Files of one input of a loader class. */
type LoaderFiles = {
  classType: string;
  input: string;
  /** Regular expressions for the path without its extension, ignoring case; the first that fits a file wins. */
  files: readonly string[];
};

export type Family = {
  name: string;
  title: string;
  description: string;
  /** The workflow whose `model` chooses this one. */
  replaces?: string;
  /** Whether its graph also makes pictures from a source; needs a node `latent`, a sampler with `$denoise`, and `vae`. */
  derives?: boolean;
  /** Where LoRAs go; without it the family takes none. */
  loras?: LoraPoint;
  /** The output that has the VAE. */
  vae?: Link;
  output: 'IMAGE' | 'VIDEO' | 'AUDIO' | 'MODEL_3D';
  /** Names of common inputs. */
  inputs: readonly string[];
  defaults: Readonly<Record<string, string | number | boolean>>;
  /** Sizes are multiples of it; 8 by default. */
  sizeStep?: number;
  model: LoaderFiles & { kind: ModelKind };
  /** Further files that the graph loads, by the name of their input. */
  files?: Readonly<Record<string, LoaderFiles & { default: string; description: string }>>;
  /** A string `$name` stands for the value of an input, `$prefix` for the prefix of the files. */
  graph: Graph;
};

export type FamilyWorkflow = Workflow & {
  family: Family;
  /** Whether the name or filename looks like one of its models. */
  recognises(model: string): boolean;
};

/** The namespace of the ids: a family has the same id in every process. */
const NAMESPACE = '3f0c2a3e-6a53-5c0e-9d1c-7a1d3f5b0a00';

export function familyWorkflow(family: Family, version = 1): FamilyWorkflow {
  const { name, title, description, graph, loras } = family;
  return {
    id: uuid(`${name} ${version}`, NAMESPACE),
    name,
    title,
    version,
    description,
    inputs: inputsOf(family),
    outputs: outputsOf(family),
    build: (values, filenamePrefix) => {
      const filled = fill(graph, { ...derived(values), prefix: filenamePrefix });
      // A generation of an older version has none.
      return loras ? withLoras(filled, (values.loras ?? []) as Lora[], loras) : filled;
    },
    family,
    recognises: (model) => fits(model, family.model.files),
  };
}

/** Where any file will do, rather one that makes pictures. */
const preferences = ({ files }: LoaderFiles): string[] =>
  files.flatMap((pattern) => (pattern === '' ? [FOR_PICTURES, pattern] : pattern));

function inputsOf({ inputs, defaults, sizeStep, model, files = {}, loras }: Family): Input[] {
  const common: Readonly<Record<string, Input>> = commonInputs;
  const chosen = inputs.map((name): Input => {
    const input = common[name];
    if (!input) throw new Error(`Unknown input ${name}`);
    const isSize = input.name === 'width' || input.name === 'height';
    return {
      ...input,
      ...(isSize && sizeStep && { step: sizeStep }),
      ...(Object.hasOwn(defaults, name) && { default: defaults[name] ?? '' }),
      ...(name === 'model' && { description: 'The model to use.', modelKind: model.kind, prefers: preferences(model) }),
    };
  });
  const loaded = Object.entries(files).map(
    ([name, { classType, input, files: prefers, default: preset, description }]) => ({
      name,
      type: 'MODEL' as const,
      modelKind: kindOfFolder(knownFolder(classType, input) ?? ''),
      description,
      default: preset,
      catalogue: { classType, input },
      prefers,
      isAdvanced: true,
    }),
  );
  return [...chosen, ...(loras ? [commonInputs.loras] : []), ...loaded];
}

/** Nodes that save files take the prefix. */
const outputsOf = ({ graph, output: kind }: Family): Output[] =>
  Object.entries(graph)
    .filter(([, { inputs }]) => Object.values(inputs).includes('$prefix'))
    .map(([nodeId, node]) => ({
      name: kind.toLowerCase().replace('_', '-'),
      title: node._meta?.title ?? node.class_type,
      kind,
      nodeId,
    }));

/** Values that follow from others. */
const derived = (values: InputValues): InputValues => ({
  denoise: 1,
  ...values,
  halfSteps: Math.ceil(Number(values.steps) / 2),
});

function fill(graph: Graph, values: InputValues): Graph {
  const filled = (value: unknown) =>
    typeof value === 'string' && value.startsWith('$') ? values[value.slice(1)] : value;
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const inputs = Object.entries(node.inputs).map(([name, value]) => [name, filled(value)]);
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}
