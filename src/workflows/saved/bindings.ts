/** Makes the named inputs of a workflow from what its author wrote, the graph, and the backends' catalogues. */

import type { Graph } from '../../comfyui/index.js';
import { badUserInput, type Refusal } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import { faultAt, isReserved, shown } from '../graph/faults.js';
import { WORKFLOW_LIMITS } from '../graph/limits.js';
import { isLink } from '../graph/parse-graph.js';
import { isServerName, type RulesOf } from '../graph/safety.js';
import { MAX_LORAS } from '../loras.js';
import { validateValue } from '../validate-inputs.js';
import { type Input, type InputType, isFileType, type Place } from '../workflow.js';
import { resolveLoras } from './lora-binding.js';
import { type Natural, naturalOf } from './natural-type.js';
import type { SavedInput } from './saved-workflow.js';

/** Null counts as absent. */
export type Binding = Place & {
  name: string;
  also?: readonly Place[] | null;
  title?: string | null;
  type?: InputType | null;
  required?: boolean | null;
  default?: unknown;
  min?: number | null;
  max?: number | null;
  choices?: readonly string[] | null;
  description?: string | null;
  group?: string | null;
  isAdvanced?: boolean | null;
};

export type Source = { graph: Graph; rulesOf: RulesOf; isTrusted: boolean };

const FIELD = 'inputs';
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** The types that an author may choose for an input of each type. */
const FITTING: Record<InputType, readonly InputType[]> = {
  STRING: ['STRING', 'CHOICE'],
  INT: ['INT', 'SEED'],
  FLOAT: ['FLOAT', 'INT'],
  BOOLEAN: ['BOOLEAN'],
  SEED: ['SEED', 'INT'],
  CHOICE: ['CHOICE'],
  MODEL: ['MODEL', 'CHOICE'],
  LORAS: [],
  IMAGE: ['IMAGE', 'MASK'],
  MASK: ['MASK', 'IMAGE'],
  VIDEO: ['VIDEO'],
  AUDIO: ['AUDIO', 'VIDEO'],
  FILE: ['FILE', 'IMAGE', 'MASK', 'VIDEO', 'AUDIO'],
};

/** @throws BAD_USER_INPUT for the field `inputs` */
export function resolveBindings(bindings: readonly Binding[], source: Source): SavedInput[] {
  if (bindings.length > WORKFLOW_LIMITS.inputs)
    throw badUserInput(`A workflow has at most ${WORKFLOW_LIMITS.inputs} inputs, not ${bindings.length}`, FIELD);
  const names = new Set<string>();
  const places = new Set<string>();
  return bindings.map((binding) => {
    const { name } = binding;
    if (!NAME.test(name) || isReserved(name))
      throw badUserInput(
        `${shown(name)} is no name of an input: a letter, then letters, digits or _, at most 64`,
        FIELD,
      );
    if (names.has(name)) throw wrong(name, 'two bindings have this name');
    names.add(name);
    const input = resolve(binding, source);
    for (const place of input.places) {
      const key = JSON.stringify([place.nodeId, place.input]);
      if (places.has(key)) throw faultAt(place, `two bindings set it, one of them is ${name}`, FIELD);
      places.add(key);
    }
    return input;
  });
}

const wrong = (name: string, expected: string): Refusal => badUserInput(`Input ${name}: ${expected}`, FIELD);

function resolve(binding: Binding, source: Source): SavedInput {
  const { name } = binding;
  const places = [binding, ...(binding.also ?? [])].map(({ nodeId, input }) => ({ nodeId, input }));
  if (places.length > WORKFLOW_LIMITS.places)
    throw wrong(name, `at most ${WORKFLOW_LIMITS.places} places, not ${places.length}`);
  if (binding.type === 'LORAS') return lorasInput(binding, places, source);
  const [natural, ...others] = places.map((place) => placeOf(place, source));
  if (!natural) throw wrong(name, 'no place');
  const type = binding.type ?? natural.type;
  for (const [index, each] of [natural, ...others].entries())
    if (!FITTING[each.type].includes(type))
      throw faultAt(
        places[index] ?? binding,
        `takes ${each.type}; its input ${name} is ${type}, and must be ${FITTING[each.type].join(' or ')}`,
        FIELD,
      );
  const input = {
    name,
    type,
    ...texts(binding),
    ...bounds(binding, type, natural),
    ...(type === 'MODEL' && natural.modelKind && { modelKind: natural.modelKind }),
    ...(natural.isMultiline && type === 'STRING' && { isMultiline: true }),
    ...(binding.isAdvanced && { isAdvanced: true }),
    places,
  };
  return { ...input, ...presence(binding, input, natural, source) };
}

function lorasInput(binding: Binding, places: readonly Place[], source: Source): SavedInput {
  const { name, min, max, choices, required } = binding;
  if (min != null || choices != null) throw wrong(name, 'min and choices are not for LORAS');
  const { default: own, ...resolved } = resolveLoras(places, max ?? MAX_LORAS, source);
  const input: SavedInput = {
    name,
    type: 'LORAS',
    ...texts(binding),
    ...(binding.isAdvanced && { isAdvanced: true }),
    ...resolved,
    required: required ?? false,
  };
  const value = binding.default ?? (required ? undefined : own);
  return value === undefined ? input : { ...input, default: validDefault(input, value) };
}

function placeOf(place: Place, { graph, rulesOf }: Source): Natural {
  const node = Object.hasOwn(graph, place.nodeId) ? graph[place.nodeId] : undefined;
  if (!node) throw faultAt(place, 'there is no such node', FIELD);
  const where = { ...place, classType: node.class_type };
  if (isServerName(place.input, node.inputs)) throw faultAt(where, 'the server itself sets the names of files', FIELD);
  const value = Object.hasOwn(node.inputs, place.input) ? node.inputs[place.input] : undefined;
  if (isLink(value)) throw faultAt(where, 'is a link to another node, and takes no value', FIELD);
  const natural = isReserved(place.input) ? 'absent' : naturalOf(graph, place, value, rulesOf);
  if (natural === 'absent') throw faultAt(where, 'the node has no such input', FIELD);
  if (natural === 'link') throw faultAt(where, 'takes a link to another node, and no value', FIELD);
  return natural;
}

function texts({ name, title, description, group }: Binding): Pick<Input, 'title' | 'description' | 'group'> {
  const { titleLength, textLength } = WORKFLOW_LIMITS;
  for (const [field, text, max] of [
    ['title', title, titleLength],
    ['description', description, textLength],
    ['group', group, titleLength],
  ] as const) {
    if (text == null) continue;
    if (text.length > max) throw wrong(name, `${field} has more than ${max} characters`);
    requireStorable(text, FIELD);
  }
  return { ...(title && { title }), ...(description && { description }), ...(group && { group }) };
}

/** The author may narrow the bounds of ComfyUI, and not widen them. */
function bounds({ name, min, max, choices }: Binding, type: InputType, natural: Natural): Partial<Input> {
  if (type === 'CHOICE') return choicesOf(name, choices, natural);
  if (choices != null) throw wrong(name, `choices are for a CHOICE, not for ${type}`);
  const hasBounds = type === 'INT' || type === 'FLOAT' || type === 'STRING';
  if (!hasBounds && (min != null || max != null)) throw wrong(name, `min and max are not for ${type}`);
  if (!hasBounds) return {};
  const outer = type === 'STRING' ? { min: 0, max: natural.max ?? WORKFLOW_LIMITS.textLength } : natural;
  for (const [bound, given] of [
    ['min', min],
    ['max', max],
  ] as const)
    if (given != null && (!Number.isFinite(given) || given < (outer.min ?? given) || given > (outer.max ?? given)))
      throw wrong(name, `${bound} must be from ${outer.min ?? '-∞'} to ${outer.max ?? '∞'}, not ${given}`);
  const [least, most] = [min ?? outer.min, max ?? outer.max];
  if (least !== undefined && most !== undefined && least > most) throw wrong(name, `min ${least} exceeds max ${most}`);
  return {
    ...(least !== undefined && { min: least }),
    ...(most !== undefined && { max: most }),
    ...(type !== 'STRING' && natural.step !== undefined && { step: natural.step }),
  };
}

function choicesOf(name: string, choices: Binding['choices'], { catalogue }: Natural): Partial<Input> {
  if (choices == null && !catalogue) throw wrong(name, 'a CHOICE needs choices here');
  if (choices == null) return catalogue ? { catalogue } : {};
  const { choices: most, titleLength } = WORKFLOW_LIMITS;
  if (choices.length === 0 || choices.length > most) throw wrong(name, `choices must be 1 to ${most}`);
  for (const choice of choices) {
    if (choice.length > titleLength) throw wrong(name, `a choice has more than ${titleLength} characters`);
    requireStorable(choice, FIELD);
  }
  return { choices: [...new Set(choices)] };
}

/** Whether a value is required, and the value without one: the author's, else the graph's. */
function presence(
  binding: Binding,
  input: SavedInput,
  natural: Natural,
  { isTrusted }: Source,
): Pick<Input, 'required' | 'default'> {
  const { name, required } = binding;
  if (isFileType(input.type)) {
    if (binding.default != null) throw wrong(name, `${input.type} has no default: the caller gives the file`);
    if (required === false && !isTrusted) throw wrong(name, `${input.type} must be required`);
    return { required: required ?? true };
  }
  // A seed without a value is drawn at random.
  const fallback = input.type === 'SEED' || required ? undefined : natural.value;
  const value = binding.default ?? fallback;
  const chosen = value === undefined ? undefined : validDefault(input, value);
  return {
    required: required ?? (chosen === undefined && input.type !== 'SEED'),
    ...(chosen !== undefined && { default: chosen }),
  };
}

function validDefault(input: SavedInput, value: unknown): NonNullable<Input['default']> {
  try {
    const given = input.type === 'CHOICE' && typeof value === 'number' ? String(value) : value;
    return validateValue(input, given, () => (input.catalogue ? undefined : input.choices)) as NonNullable<
      Input['default']
    >;
  } catch (error) {
    throw wrong(input.name, `the default is invalid: ${error instanceof Error ? error.message : ''}`);
  }
}
