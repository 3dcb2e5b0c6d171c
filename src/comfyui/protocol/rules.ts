/**
 * What ComfyUI's classes accept, as far as a graph can be checked before it is submitted: a small part of `/object_info`, which is
 * megabytes. Follows `validate_inputs` of execution.py, and finds what that ignores without a word: inputs that a class does not
 * declare, which would make another picture.
 */
import { createHash } from 'node:crypto';
import { isNumber, isObject, isString } from './json.js';
import type { Picker } from './json-stream.js';
import type { GraphNode } from './protocol.js';

export type InputRule = {
  isRequired: boolean;
  /** One declared input stands for several, named `declared.more`. */
  isGrowing: boolean;
  /** The values of a choice; undefined where it is none, or where ComfyUI accepts others, too. */
  choices: ReadonlySet<unknown> | undefined;
  min: number | undefined;
  max: number | undefined;
};

export type ClassRules = ReadonlyMap<string, InputRule>;
export type Rules = ReadonlyMap<string, ClassRules>;

/** Something about a node that not every ComfyUI accepts: a value, an input that it must declare, or one that it must not require. */
export type Requirement = { classType: string; input?: string; value?: string | number | boolean; isAbsent?: true };

const GROWING_TYPE = 'COMFY_';
/** The list of such an input is a suggestion: it names files that are uploaded, or comes from elsewhere. */
const IS_OPEN = /_upload$|^remote$/;
const OPTIONS = new Set<unknown>([undefined, 'options', 'min', 'max']);

/** Collects rules while a response is read with its `picker`. */
export class RulesReader {
  readonly rules = new Map<string, ClassRules>();
  /** Many classes list the files of one folder: equal lists are kept once. */
  readonly #lists = new Map<string, ReadonlySet<unknown>>();

  /** For `{[class]: {input: {required: {[input]: [type, options]}, optional}, …}}`. */
  readonly picker: Picker = {
    wants: ([, field, group, , part, option]) =>
      (field === undefined || field === 'input') &&
      (group === undefined || group === 'required' || group === 'optional') &&
      (part !== 1 || OPTIONS.has(option) || IS_OPEN.test(String(option))),
    keep: (path, value) => {
      if (path.length !== 1) return value;
      if (isObject(value) && isObject(value.input)) this.rules.set(String(path[0]), this.#toClass(value.input));
      return undefined;
    },
  };

  #toClass({ required, optional }: Record<string, unknown>): ClassRules {
    const read = (specs: unknown, isRequired: boolean) =>
      Object.entries(isObject(specs) ? specs : {}).map(
        ([name, spec]) => [name, this.#toRule(spec, isRequired)] as const,
      );
    return new Map([...read(optional, false), ...read(required, true)]);
  }

  #toRule(spec: unknown, isRequired: boolean): InputRule {
    const [type, given]: unknown[] = Array.isArray(spec) ? spec : [spec];
    const options = isObject(given) ? given : {};
    const list = type === 'COMBO' ? options.options : type;
    const isOpen = Object.entries(options).some(([name, value]) => IS_OPEN.test(name) && Boolean(value));
    return {
      isRequired,
      isGrowing: isString(type) && type.startsWith(GROWING_TYPE),
      choices: Array.isArray(list) && !isOpen ? this.#shared(list) : undefined,
      min: isNumber(options.min) ? options.min : undefined,
      max: isNumber(options.max) ? options.max : undefined,
    };
  }

  #shared(values: unknown[]): ReadonlySet<unknown> {
    const digest = createHash('sha256').update(JSON.stringify(values)).digest('base64');
    const list = this.#lists.get(digest) ?? new Set(values);
    this.#lists.set(digest, list);
    return list;
  }
}

/** What the class does not accept of a node. */
export function unmetBy({ class_type: classType, inputs }: GraphNode, rules: ClassRules): Requirement[] {
  const given = Object.entries(inputs).flatMap(([input, value]): Requirement[] => {
    const rule = ruleOf(rules, input);
    if (!rule) return [{ classType, input }];
    return isConstant(value) && !accepts(rule, value) ? [{ classType, input, value }] : [];
  });
  const names = Object.keys(inputs);
  const missing = [...rules].filter(
    ([name, rule]) => rule.isRequired && !rule.isGrowing && !names.some((given) => given.split('.', 1)[0] === name),
  );
  return [...given, ...missing.map(([input]): Requirement => ({ classType, input, isAbsent: true }))];
}

/** Whether the class meets what was found to be unmet by another. */
export function meets(rules: ClassRules, { input, value, isAbsent }: Requirement): boolean {
  if (input === undefined) return true;
  const rule = ruleOf(rules, input);
  if (isAbsent) return !rule?.isRequired;
  return rule !== undefined && (value === undefined || accepts(rule, value));
}

/** The value as this ComfyUI spells it: Windows lists the files of a subfolder with a backslash, others with a slash. */
export const spelled = (rule: InputRule | undefined, value: unknown): unknown =>
  isString(value) && rule?.choices && !rule.choices.has(value)
    ? (spellings(value).find((each) => rule.choices?.has(each)) ?? value)
    : value;

export const ruleOf = (rules: ClassRules, input: string): InputRule | undefined => {
  const growing = rules.get(input.split('.', 1)[0] ?? input);
  return rules.get(input) ?? (growing?.isGrowing ? growing : undefined);
};

export const withSlashes = (path: string): string => path.replaceAll('\\', '/');

function accepts({ choices, min, max }: InputRule, value: string | number | boolean): boolean {
  if (choices) return choices.has(value) || (isString(value) && spellings(value).some((each) => choices.has(each)));
  // Large integers are sent as decimal strings.
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
  return !(min !== undefined && number < min) && !(max !== undefined && number > max);
}

const spellings = (path: string): string[] => [withSlashes(path), path.replaceAll('/', '\\')];

const isConstant = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
