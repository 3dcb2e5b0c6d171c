/** The models that the inputs of a generation name: validated at creation, and again at its job if a catalogue was unread then. */
import type { Backends } from '../../backends/backends.js';
import type { KnownModel } from '../../backends/known-models.js';
import type { NamedModel } from '../../backends/offer.js';
import { Refusal } from '../../graphql/errors.js';
import { ModelKind } from '../../workflows/model-kind.js';
import type { Input, InputValues, Lora, Workflow } from '../../workflows/workflow.js';

export type ResolvedModels = {
  /** The values with the names of the models, as they are stored. */
  names: InputValues;
  /** The values with the filenames, for the graph; undefined for a model that is not known yet. */
  files: InputValues;
  /** The value of the input `model`, else of the first input of the type MODEL that has one; in a graph the first that makes something. */
  model: KnownModel | undefined;
  /** Models that no catalogue has listed, while some catalogues are unread. */
  unknown: NamedModel[];
};

/** The kinds of models that make the output. */
const MAKERS: readonly ModelKind[] = [ModelKind.CHECKPOINT, ModelKind.DIFFUSION_MODEL];

type Services = { backends: Backends; configuredModel: string | undefined };

/** @throws BAD_USER_INPUT naming the input, with suggestions */
export async function resolveModels(
  workflow: Workflow,
  values: InputValues,
  services: Services,
): Promise<ResolvedModels> {
  const { configuredModel } = services;
  const resolved: ResolvedModels = { names: { ...values }, files: { ...values }, model: undefined, unknown: [] };
  const found = async (kind: ModelKind, name: string | undefined, input: Input) => {
    const model = await findModel(kind, name, input, services);
    if (!model)
      resolved.unknown.push({
        kind,
        ...((name ?? configuredModel) && { name: name ?? configuredModel }),
      } as NamedModel);
    return model;
  };
  const models = workflow.inputs.filter(({ type }) => type === 'MODEL');
  const isGraph = workflow.saved?.isListed === false;
  const main =
    models.find(({ name }) => name === 'model') ??
    (isGraph ? models.find((input) => MAKERS.includes(kindOf(input))) : undefined) ??
    models.find(({ name }) => typeof values[name] === 'string');
  for (const input of workflow.inputs) {
    const { name, type } = input;
    if (type === 'MODEL') {
      const given = values[name];
      // Without a value a saved graph keeps its own; the server chooses that of a built-in one.
      if (typeof given !== 'string' && (workflow.saved || name !== 'model')) continue;
      const model = await found(kindOf(input), typeof given === 'string' ? given : undefined, input).catch((error) => {
        // Not the caller's mistake: the check of the graph names the default as missing, with its folder and download.
        if (error instanceof Refusal && given !== undefined && given === input.default) return null;
        throw error;
      });
      if (model === null) continue;
      if (input === main) resolved.model = model;
      if (model) resolved.names[name] = model.name;
      resolved.files[name] = model?.filename;
    }
    if (type === 'LORAS') {
      const given = (values[name] ?? []) as Lora[];
      const loras: (Lora & { file: string | undefined })[] = [];
      for (const { name, strength } of given) {
        const model = await found(ModelKind.LORA, name, input);
        loras.push({ name: model?.name ?? name, file: model?.filename, strength });
      }
      resolved.names[name] = loras.map(({ name, strength }) => ({ name, strength }));
      resolved.files[name] = loras.map(({ file, strength }) => ({ name: file, strength }));
    }
  }
  if (isGraph && main && typeof values[main.name] !== 'string')
    resolved.model = await ofGraph(workflow, main, services);
  return resolved;
}

/** The model that the graph itself names. One that is not known is found as missing by the check of the graph. */
async function ofGraph({ saved }: Workflow, input: Input, services: Services): Promise<KnownModel | undefined> {
  const [place] = saved?.places.get(input.name) ?? [];
  const file = place && saved?.graph[place.nodeId]?.inputs[place.input];
  if (typeof file !== 'string') return undefined;
  return await findModel(kindOf(input), file, input, services).catch((error) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
}

/**
 * Returns the model with the name, else the default one that the input prefers; undefined if it may be in a catalogue that is unread.
 * @throws BAD_USER_INPUT naming the input, with suggestions
 */
const findModel = (
  kind: ModelKind,
  name: string | undefined,
  input: Input,
  { backends: { models }, configuredModel }: Services,
): Promise<KnownModel | undefined> =>
  name === undefined
    ? models.default(kind, configuredModel, input.name, input.prefers)
    : models.find(kind, name, input.name);

/** Like `findModel`, for the workflow's input `model`; undefined if it has none. */
export async function chooseModel(
  { inputs }: Workflow,
  name: string | undefined,
  services: Services,
): Promise<KnownModel | undefined> {
  const input = inputs.find((each) => each.type === 'MODEL' && each.name === 'model');
  return input && (await findModel(kindOf(input), name, input, services));
}

const kindOf = ({ modelKind }: Input): ModelKind => ModelKind[modelKind ?? 'CHECKPOINT'];
