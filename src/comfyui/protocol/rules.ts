/**
 * The inputs and values that node classes accept, so that a graph can be checked before it is submitted: a small part of `/object_info`,
 * which is megabytes. Follows `validate_inputs` of execution.py. Also finds inputs that a class does not declare: ComfyUI ignores them
 * silently, and makes another picture.
 */
import { isObject, isString } from './json/json.js';
import type { GraphNode } from './protocol.js';

export type InputRule = {
  isRequired: boolean;
  /** The node fails without the input, which ComfyUI does not check: a choice that adds inputs. */
  isExpected?: true;
  /** The declared input stands for several, named `declared.more`, which are not known. */
  isGrowing: boolean;
  /** The values of a choice; undefined if the input is not a choice, or ComfyUI accepts other values, too. */
  choices: ReadonlySet<unknown> | undefined;
  min: number | undefined;
  max: number | undefined;
  /** The inputs that each choice adds, named `declared.more`. The key is undefined if the input has no value and only groups others. */
  parts?: ReadonlyMap<unknown, ClassRules>;
  /** Such as INT or IMAGE; COMBO for a choice. A union is written `A,B`. */
  type: string;
  /** The choice is in the older form, a bare list: ComfyUI accepts no link to it, unless the output has an equal list. */
  isList?: true;
  /** The choice takes a list of values. */
  isMultiple?: true;
  /** A constant, if the class has a default that is one and is short. */
  default?: Constant;
  step?: number;
  isMultiline?: true;
  /** The model folder that the choices are the files of; empty if its name is unknown. */
  folder?: string | undefined;
  /** The value names a file in ComfyUI's folders that is no model. ComfyUI accepts files that it does not list. */
  file?: FileKind;
};

export type FileKind = 'image' | 'video' | 'audio' | 'file';

export type ClassRules = ReadonlyMap<string, InputRule>;

/** The inputs of a class, with what is known of its outputs. */
export type NodeRules = ClassRules & {
  /** The type of each output; COMBO for a list. */
  readonly outputs?: readonly string[];
  /** The values of the outputs that are lists, by slot. */
  readonly lists?: ReadonlyMap<number, ReadonlySet<unknown>>;
  /** Whether ComfyUI executes the node although no other node needs it. */
  readonly isOutput?: boolean;
  /** The class belongs to a pack of nodes: it may take inputs that it does not declare. */
  readonly isCustom?: boolean;
};

export type Rules = ReadonlyMap<string, NodeRules>;

/** Finds the rules of a class, such as in the catalogue of any server that has the class. */
export type FindRules = (className: string) => NodeRules | undefined;

type Inputs = Readonly<Record<string, unknown>>;
export type Constant = string | number | boolean;

/** Something that a node needs of its class: that it accepts a value, declares an input, or does not require an input (`isAbsent`). */
export type Requirement = {
  classType: string;
  input?: string;
  value?: Constant;
  isAbsent?: true;
  /** The values of the choices that decide what `input` is. */
  given?: Record<string, Constant>;
};

const NONE: ClassRules = new Map();

/** The inputs that a class declares for a node with these input values. */
export function declaredBy(rules: ClassRules, inputs: Inputs, prefix = ''): ClassRules {
  const declared = new Map<string, InputRule>();
  for (const [name, rule] of rules) {
    const path = `${prefix}${name}`;
    const { parts } = rule;
    const isGroup = parts?.has(undefined);
    if (!isGroup) declared.set(path, rule);
    const part = parts?.get(isGroup ? undefined : inputs[path]) ?? NONE;
    for (const [inner, each] of declaredBy(part, inputs, `${path}.`)) declared.set(inner, each);
  }
  return declared;
}

/** All rules, including the inputs that choices add. */
export function* everyRule(rules: ClassRules): Generator<InputRule, void> {
  for (const rule of rules.values()) {
    yield rule;
    for (const part of rule.parts?.values() ?? []) yield* everyRule(part);
  }
}

/** The rule of an input; undefined if it is not declared. */
export const ruleOf = (declared: ClassRules, input: string): InputRule | undefined => {
  const growing = declared.get(input.split('.', 1)[0] ?? input);
  return declared.get(input) ?? (growing?.isGrowing ? growing : undefined);
};

/** The requirements of a node that its class does not meet. */
export function unmetBy(node: GraphNode, rules: NodeRules): Requirement[] {
  const { inputs, declared } = declaredWithDefaults(node.inputs, rules);
  const given = Object.entries(inputs).flatMap(([input, value]): Requirement[] => {
    const rule = ruleOf(declared, input);
    if (!rule) return rules.isCustom ? [] : [requirementOf(node, input)];
    return constantsOf(value)
      .filter((each) => !accepts(rule, each))
      .map((each) => requirementOf(node, input, { value: each }));
  });
  const missing = [...declared].filter(([name, { isRequired }]) => isRequired && !Object.hasOwn(inputs, name));
  return [...given, ...missing.map(([input]) => requirementOf(node, input, { isAbsent: true }))];
}

/**
 * Adds the required inputs that the node lacks and the class has a default for: a graph written for an older ComfyUI runs on a newer one,
 * with the value that ComfyUI's own page would send. A model is never chosen.
 */
export const withDefaults = (inputs: Inputs, rules: ClassRules): Inputs => declaredWithDefaults(inputs, rules).inputs;

/** As `withDefaults`, with the inputs that the class declares for these values. */
export function declaredWithDefaults(inputs: Inputs, rules: ClassRules): { inputs: Inputs; declared: ClassRules } {
  let filled = inputs;
  // A choice that is filled in may declare more inputs.
  for (;;) {
    const declared = declaredBy(rules, filled);
    const added: Record<string, Constant> = {};
    for (const [name, rule] of declared) {
      const value = Object.hasOwn(filled, name) ? undefined : defaultOf(rule);
      if (value !== undefined) added[name] = value;
    }
    if (Object.keys(added).length === 0) return { inputs: filled, declared };
    filled = { ...filled, ...added };
  }
}

function defaultOf(rule: InputRule): Constant | undefined {
  const { isRequired, isExpected, choices, folder, default: given } = rule;
  if (!(isRequired || isExpected) || folder !== undefined) return undefined;
  if (given !== undefined) return accepts(rule, given) ? given : undefined;
  const [first] = choices ?? [];
  return isConstant(first) ? first : undefined;
}

/** The requirement that the class declares this input, or accepts this value. */
export function requirementOf(
  { class_type: classType, inputs }: GraphNode,
  input: string,
  wanted: Pick<Requirement, 'value' | 'isAbsent'> = {},
): Requirement {
  const names = input.split('.').slice(0, -1);
  const given = names
    .map((_, last) => names.slice(0, last + 1).join('.'))
    .flatMap((name) => constantsOf(inputs[name]).map((value) => [name, value] as const));
  return { classType, input, ...wanted, ...(given.length > 0 && { given: Object.fromEntries(given) }) };
}

/** Whether the class meets a requirement that the same class on another server does not meet. */
export function meets(rules: ClassRules, { input, value, isAbsent, given = {} }: Requirement): boolean {
  if (input === undefined) return true;
  const rule = ruleOf(declaredBy(rules, given), input);
  if (isAbsent) return !rule?.isRequired;
  return rule !== undefined && (value === undefined || accepts(rule, value));
}

/** The value as this ComfyUI spells it: on Windows it lists files in subfolders with backslashes. */
export const spelled = (rule: InputRule | undefined, value: unknown): unknown =>
  isString(value) && rule?.choices && !rule.choices.has(value)
    ? (spellings(value).find((each) => rule.choices?.has(each)) ?? value)
    : value;

export const withSlashes = (path: string): string => path.replaceAll('\\', '/');

/** Whether a choice lists the value, or a number is within the bounds. */
export function accepts({ choices, min, max }: InputRule, value: Constant): boolean {
  if (choices) return choices.has(value) || (isString(value) && spellings(value).some((each) => choices.has(each)));
  const number = numberOf(value);
  return !(min !== undefined && exceeds(-number, -min)) && !(max !== undefined && exceeds(number, max));
}

/** Longer ones are no integers for ComfyUI either, see `faultOf`. */
const INTEGER = /^\s*[+-]?\d{1,4300}\s*$/;

/** Large integers are decimal strings; Python counts true as 1. NaN if the value is no number. */
function numberOf(value: Constant): number | bigint {
  if (isString(value) && INTEGER.test(value)) return BigInt(value.replace('+', ''));
  return value === '' ? Number.NaN : Number(value);
}

/** Bounds beyond 2^53 are 2^63-1 or 2^64-1 in ComfyUI. Read as a number they are rounded up by one, so that no value may be equal. */
const exceeds = (value: number | bigint, bound: number): boolean =>
  bound > Number.MAX_SAFE_INTEGER ? value >= bound : value > bound;

const spellings = (path: string): string[] => [withSlashes(path), path.replaceAll('/', '\\')];

/** The constant values of an input. Several are written `{"__value__": […]}`: a bare list is a link. */
export function constantsOf(value: unknown): Constant[] {
  const wrapped = isObject(value) ? value.__value__ : value;
  const several: unknown[] = isObject(value) && Array.isArray(wrapped) ? wrapped : [wrapped];
  return several.filter(isConstant);
}

export const isConstant = (value: unknown): value is Constant =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
