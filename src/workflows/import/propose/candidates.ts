/** The inputs of a graph that people want to change, one candidate for each place. */
import { MAX_INPUTS } from '../bounds.js';
import type { Place } from '../draft.js';
import { isSeed, ORDER, type Role, roleOf, titled } from './class-role.js';
import { type Description, describe } from './describe.js';
import type { Found, Lookup } from './lookup.js';

export type Candidate = Description & {
  place: Place;
  role: Role;
  /** The title that the author gave the node. */
  nodeTitle: string | undefined;
  /** Lower ones come first in the form. */
  rank: number;
};

/** Nodes that hold one value and nothing else: an author puts them there to be changed. */
const VALUE_NODE = /^(Primitive(?!Node)|Seed$)/;

/** In the order of the form. */
export function candidates(lookup: Lookup, negative: ReadonlySet<string>): Candidate[] {
  return Object.keys(lookup.graph)
    .flatMap((id) => lookup.valuesOf(id))
    .flatMap((found) => candidateOf(found, lookup, negative) ?? [])
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MAX_INPUTS);
}

function candidateOf(found: Found, lookup: Lookup, negative: ReadonlySet<string>): Candidate | undefined {
  const { node, place } = found;
  const isValue = VALUE_NODE.test(node.class_type) && place.input === 'value';
  const role = isValue ? roleOfValue(found, lookup, negative) : roleIn(found, negative);
  const description = role && described(found, lookup, isValue);
  if (!role || !description) return undefined;
  const nodeTitle = lookup.ownTitle(place.nodeId);
  const order = ORDER.indexOf(role.name);
  // Distilled models have their guidance on a node of its own; the sampler's is 1 there.
  const isFirst = place.input === 'guidance';
  const rank = isValue && nodeTitle !== undefined ? -1 : order < 0 ? ORDER.length : order - (isFirst ? 0.5 : 0);
  return { ...description, place, role, nodeTitle: isValue ? undefined : nodeTitle, rank };
}

/** A candidate for an input that the author put into the form, whatever it is. */
export function chosen(place: Place, lookup: Lookup, negative: ReadonlySet<string>): Candidate | undefined {
  const found = lookup.find(place);
  if (!found) return undefined;
  const isValue = VALUE_NODE.test(found.node.class_type) && place.input === 'value';
  const role = (isValue ? roleOfValue(found, lookup, negative) : roleIn(found, negative)) ?? plainRole(place.input);
  const description = described(found, lookup, isValue);
  return description && { ...description, place, role, nodeTitle: undefined, rank: 0 };
}

function roleIn(found: Found, negative: ReadonlySet<string>): Role | undefined {
  const { input, info, node, value, place } = found;
  // A second stage that adds no noise draws none.
  if (isSeed(input) && node.inputs.add_noise === 'disable') return undefined;
  const isText = input.type === 'STRING' && (input.options.multiline === true || Boolean(input.options.dynamicPrompts));
  if (!isText) return roleOf(input, info, value);
  const isNegative = /negative/i.test(input.name) || negative.has(place.nodeId);
  const isPrompt = info.output?.includes('CONDITIONING') || /prompt|text/i.test(input.name);
  if (/lyrics|tags/i.test(input.name)) return plainRole(input.name);
  return isPrompt ? promptRole(isNegative) : undefined;
}

const promptRole = (isNegative: boolean): Role =>
  isNegative ? { name: 'negative_prompt', title: 'Negative prompt' } : { name: 'prompt', title: 'Prompt' };

const plainRole = (name: string): Role => ({ name, title: titled(name) });

/** By its title, or by the first input that it feeds. */
function roleOfValue({ place: { nodeId }, input }: Found, lookup: Lookup, negative: ReadonlySet<string>): Role {
  const title = lookup.ownTitle(nodeId);
  if (title !== undefined) return { name: title, title };
  const [target] = lookup.targetsOf(nodeId);
  const declared = target && lookup.declared(target);
  if (!declared) return plainRole(input.name);
  if (isSeed(declared)) return { name: 'seed', title: 'Seed' };
  const isText = declared.type === 'STRING' && declared.options.multiline === true;
  return isText ? promptRole(negative.has(nodeId)) : plainRole(declared.name.split('.').at(-1) ?? declared.name);
}

/** A value node has hardly any bounds: those of the input that it feeds hold. */
function described({ input, info, value, place }: Found, lookup: Lookup, isValue: boolean): Description | undefined {
  if (!isValue) return describe(input, info, value);
  const [target] = lookup.targetsOf(place.nodeId);
  const declared = target && lookup.declared(target);
  const isSame = declared?.type === input.type;
  const isSeedNode = input.type === 'INT' && /\bseed\b/i.test(lookup.ownTitle(place.nodeId) ?? '');
  if (isSeedNode || (isSame && isSeed(declared))) return describe({ ...input, name: 'seed' }, info, value);
  return describe(isSame ? { ...declared, name: input.name } : input, info, value);
}
