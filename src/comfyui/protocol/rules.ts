/**
 * What ComfyUI's classes accept, as far as a graph can be checked before it is submitted: a small part of `/object_info`, which is
 * megabytes. Follows `validate_inputs` of execution.py, and finds what that ignores without a word: inputs that a class does not
 * declare, which would make another picture.
 */
import { isObject, isString } from './json.js';
import type { GraphNode } from './protocol.js';

export type InputRule = {
  isRequired: boolean;
  /** One declared input stands for several, named `declared.more`, and nobody knows which. */
  isGrowing: boolean;
  /** The values of a choice; undefined where it is none, or where ComfyUI accepts others, too. */
  choices: ReadonlySet<unknown> | undefined;
  min: number | undefined;
  max: number | undefined;
  /** What each choice brings: inputs that are named `declared.more`. Under undefined where it has no value itself, and only groups them. */
  parts?: ReadonlyMap<unknown, ClassRules>;
};

export type ClassRules = ReadonlyMap<string, InputRule>;
export type Rules = ReadonlyMap<string, ClassRules>;

type Inputs = Readonly<Record<string, unknown>>;
type Constant = string | number | boolean;

/** Something about a node that not every ComfyUI accepts: a value, an input that it must declare, or one that it must not require. */
export type Requirement = {
  classType: string;
  input?: string;
  value?: Constant;
  isAbsent?: true;
  /** The choices on which it depends what `input` is. */
  given?: Record<string, Constant>;
};

const NONE: ClassRules = new Map();

/** The inputs that a class has where a node has these. */
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

/** Every rule, with those of all choices. */
export function* everyRule(rules: ClassRules): Generator<InputRule, void> {
  for (const rule of rules.values()) {
    yield rule;
    for (const part of rule.parts?.values() ?? []) yield* everyRule(part);
  }
}

/** The rule of an input among the declared ones. */
export const ruleOf = (declared: ClassRules, input: string): InputRule | undefined => {
  const growing = declared.get(input.split('.', 1)[0] ?? input);
  return declared.get(input) ?? (growing?.isGrowing ? growing : undefined);
};

/** What the class does not accept of a node. */
export function unmetBy(node: GraphNode, rules: ClassRules): Requirement[] {
  const { inputs } = node;
  const declared = declaredBy(rules, inputs);
  const given = Object.entries(inputs).flatMap(([input, value]): Requirement[] => {
    const rule = ruleOf(declared, input);
    if (!rule) return [requirementOf(node, input)];
    return constantsOf(value)
      .filter((each) => !accepts(rule, each))
      .map((each) => requirementOf(node, input, { value: each }));
  });
  const missing = [...declared].filter(([name, { isRequired }]) => isRequired && !Object.hasOwn(inputs, name));
  return [...given, ...missing.map(([input]) => requirementOf(node, input, { isAbsent: true }))];
}

/** Asks for this input of the node. */
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

/** Whether the class meets what was found to be unmet by another. */
export function meets(rules: ClassRules, { input, value, isAbsent, given = {} }: Requirement): boolean {
  if (input === undefined) return true;
  const rule = ruleOf(declaredBy(rules, given), input);
  if (isAbsent) return !rule?.isRequired;
  return rule !== undefined && (value === undefined || accepts(rule, value));
}

/** The value as this ComfyUI spells it: Windows lists the files of a subfolder with a backslash, others with a slash. */
export const spelled = (rule: InputRule | undefined, value: unknown): unknown =>
  isString(value) && rule?.choices && !rule.choices.has(value)
    ? (spellings(value).find((each) => rule.choices?.has(each)) ?? value)
    : value;

export const withSlashes = (path: string): string => path.replaceAll('\\', '/');

function accepts({ choices, min, max }: InputRule, value: Constant): boolean {
  if (choices) return choices.has(value) || (isString(value) && spellings(value).some((each) => choices.has(each)));
  // Large integers are sent as decimal strings.
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
  return !(min !== undefined && number < min) && !(max !== undefined && number > max);
}

const spellings = (path: string): string[] => [withSlashes(path), path.replaceAll('/', '\\')];

/** Several values of one input are written `{"__value__": […]}`: a bare list is a link. */
export function constantsOf(value: unknown): Constant[] {
  const wrapped = isObject(value) ? value.__value__ : value;
  const several: unknown[] = isObject(value) && Array.isArray(wrapped) ? wrapped : [wrapped];
  return several.filter(
    (each): each is Constant => typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean',
  );
}
