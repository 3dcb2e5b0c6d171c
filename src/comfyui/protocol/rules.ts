/**
 * The inputs and values that node classes accept, so that a graph can be checked before it is submitted: a small part of `/object_info`,
 * which is megabytes. Follows `validate_inputs` of execution.py. Also finds inputs that a class does not declare: ComfyUI ignores them
 * silently, and makes another picture.
 */
import { isObject, isString } from './json/json.js';
import type { GraphNode } from './protocol.js';

export type InputRule = {
  isRequired: boolean;
  /** The declared input stands for several, named `declared.more`, which are not known. */
  isGrowing: boolean;
  /** The values of a choice; undefined if the input is not a choice, or ComfyUI accepts other values, too. */
  choices: ReadonlySet<unknown> | undefined;
  min: number | undefined;
  max: number | undefined;
  /** The inputs that each choice adds, named `declared.more`. The key is undefined if the input has no value and only groups others. */
  parts?: ReadonlyMap<unknown, ClassRules>;
};

export type ClassRules = ReadonlyMap<string, InputRule>;
export type Rules = ReadonlyMap<string, ClassRules>;

type Inputs = Readonly<Record<string, unknown>>;
type Constant = string | number | boolean;

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

function accepts({ choices, min, max }: InputRule, value: Constant): boolean {
  if (choices) return choices.has(value) || (isString(value) && spellings(value).some((each) => choices.has(each)));
  // Large integers are decimal strings.
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
  return !(min !== undefined && number < min) && !(max !== undefined && number > max);
}

const spellings = (path: string): string[] => [withSlashes(path), path.replaceAll('/', '\\')];

/** The constant values of an input. Several are written `{"__value__": […]}`: a bare list is a link. */
export function constantsOf(value: unknown): Constant[] {
  const wrapped = isObject(value) ? value.__value__ : value;
  const several: unknown[] = isObject(value) && Array.isArray(wrapped) ? wrapped : [wrapped];
  return several.filter(
    (each): each is Constant => typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean',
  );
}
