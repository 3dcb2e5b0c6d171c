/** The inputs that an import proposes, as those of a form. */
import type { FormInput, InputType } from '../create/inputs/form-input';
import { asSeed, parseValues, type Value, type Values } from '../create/inputs/values';
import type { Draft } from '../workflows/draft';

const placeOf = ({ nodeId, input }: { nodeId: string; input: string }): string => `${nodeId}.${input}`;

/** They are named as a graph that runs once has them. */
export const formInputs = ({ inputs }: Draft): FormInput[] =>
  inputs.map(({ proposal, ...place }) => ({ ...proposal, name: placeOf(place) }));

/** @returns the seeds of the graph itself */
export const seedsOf = (inputs: readonly FormInput[]): Values =>
  parseValues(
    inputs.filter(({ type }) => type === 'SEED'),
    Object.fromEntries(inputs.map(({ name, default: preset }) => [name, preset])),
  );

/** Gives a value to all places that take it. */
export function toAllPlaces({ inputs }: Draft, parameters: Record<string, unknown>): Record<string, unknown> {
  const also = inputs.flatMap((input) => {
    const value = parameters[placeOf(input)];
    return value === undefined ? [] : input.also.map((place) => [placeOf(place), value]);
  });
  return { ...parameters, ...Object.fromEntries(also) };
}

/** Takes the values of the form over as defaults. */
export const withDefaults = (draft: Draft, values: Values): Draft => ({
  ...draft,
  inputs: draft.inputs.map((input) => {
    const preset = defaultOf(input.proposal.type, values[placeOf(input)]);
    if (preset === undefined) return input;
    return { ...input, proposal: { ...input.proposal, default: preset, required: false } };
  }),
});

/** Files have no default, and a seed only if it is locked. */
function defaultOf(type: InputType, value: Value | undefined): string | number | boolean | undefined {
  if (type === 'SEED') {
    const seed = asSeed(value);
    return seed?.isLocked ? seed.value : undefined;
  }
  return typeof value === 'object' ? undefined : value;
}

type Node = { class_type?: unknown; inputs?: Record<string, unknown> };

/** Whether a node takes the mask that a loaded picture carries in its transparent parts. */
export function readsTransparency({ graph }: Draft): boolean {
  const nodes = (graph ?? {}) as Record<string, Node>;
  const isMaskOfPicture = (link: unknown) =>
    Array.isArray(link) && link[1] === 1 && nodes[String(link[0])]?.class_type === 'LoadImage';
  return Object.values(nodes).some(({ inputs }) => Object.values(inputs ?? {}).some(isMaskOfPicture));
}
