/** Reads input rules from `/object_info`, in all forms in which versions of ComfyUI describe an input. */
import { createHash } from 'node:crypto';
import { fileKindOf } from './file-inputs.js';
import { isNumber, isObject, isString, type JsonObject } from './json/json.js';
import type { Picker } from './json/json-stream.js';
import { type ClassRules, type Constant, type InputRule, isConstant, type NodeRules } from './rules.js';

/** The types of inputs that stand for several others; MATCHTYPE and MULTITYPED do not. */
const GROWING = /^COMFY_(?!(MATCHTYPE|MULTITYPED)_V3$)/;
/** ComfyUI's maximum for one growing input. */
const MAX_GROWN = 100;
/** With these options a list of choices is not complete: files may be uploaded, or the list comes from another server. */
const IS_OPEN = /_upload$|^image_folder$|^remote$/;
const OPTIONS = new Set<unknown>([
  undefined,
  'options',
  'template',
  'min',
  'max',
  'step',
  'default',
  'multiline',
  'multiselect',
]);
/** Some defaults are whole texts. */
const MAX_DEFAULT_LENGTH = 1_000;
const OTHER_FIELDS = new Set<unknown>(['output', 'output_node', 'python_module']);

type Share = (values: unknown[]) => ReadonlySet<unknown>;

/** Collects rules while a response is parsed with its `picker`. */
export class RulesReader {
  readonly rules = new Map<string, NodeRules>();
  /** Many classes list the files of one folder: equal lists are stored once. */
  readonly #lists = new Map<string, ReadonlySet<unknown>>();

  /** For `{[class]: {input: {required: {[input]: [type, options]}, optional}, output: [type], output_node, python_module, …}}`. */
  readonly picker: Picker = {
    wants: ([, field, group, , part, option]) =>
      OTHER_FIELDS.has(field) ||
      ((field === undefined || field === 'input') &&
        (group === undefined || group === 'required' || group === 'optional') &&
        (part !== 1 || OPTIONS.has(option) || IS_OPEN.test(String(option)))),
    keep: (path, value) => {
      if (path.length !== 1) return value;
      if (isObject(value) && isObject(value.input)) {
        const inputs = toClassRules(value.input, (values) => this.#shared(values), String(path[0]));
        this.rules.set(String(path[0]), Object.assign(inputs, this.#outputsOf(value)));
      }
      return undefined;
    },
  };

  #outputsOf({
    output,
    output_node,
    python_module,
  }: JsonObject): Pick<NodeRules, 'outputs' | 'lists' | 'isOutput' | 'isCustom'> {
    const types: readonly unknown[] | undefined = Array.isArray(output) ? output : undefined;
    const lists = (types ?? []).flatMap((type, slot) =>
      Array.isArray(type) ? [[slot, this.#shared(type)] as const] : [],
    );
    return {
      ...(types && { outputs: types.map((type) => (isString(type) ? type : 'COMBO')) }),
      ...(lists.length > 0 && { lists: new Map(lists) }),
      ...(output_node === true && { isOutput: true }),
      ...(isString(python_module) && python_module.startsWith('custom_nodes.') && { isCustom: true }),
    };
  }

  #shared(values: unknown[]): ReadonlySet<unknown> {
    const digest = createHash('sha256').update(JSON.stringify(values)).digest('base64');
    const list = this.#lists.get(digest) ?? new Set(values);
    this.#lists.set(digest, list);
    return list;
  }
}

/** The rules of `{required, optional}`. */
export function toClassRules(
  { required, optional }: JsonObject,
  share: Share = (values) => new Set(values),
  className = '',
): ClassRules {
  const read = (specs: unknown, isRequired: boolean) =>
    Object.entries(isObject(specs) ? specs : {}).map(
      ([name, spec]) => [name, toRule(spec, isRequired, share, `${className}.${name}`)] as const,
    );
  return new Map([...read(optional, false), ...read(required, true)]);
}

function toRule(spec: unknown, isRequired: boolean, share: Share, path: string): InputRule {
  const [type, given]: unknown[] = Array.isArray(spec) ? spec : [spec];
  const options = isObject(given) ? given : {};
  const name = isString(type) ? type : '';
  const parts = toParts(name, options, share);
  const isOpen = Object.entries(options).some(([option, value]) => IS_OPEN.test(option) && Boolean(value));
  // A union has a list if one of its types is a choice.
  const list = name.split(',').includes('COMBO') ? options.options : type;
  const isChoice = Array.isArray(type) || name === 'COMBO';
  const file = fileKindOf(path, options, list);
  const choices = parts ? !parts.has(undefined) && [...parts.keys()] : !isOpen && !file && list;
  return {
    // ComfyUI does not require an input that stands for others, only those others.
    isRequired: isRequired && !GROWING.test(name),
    ...(isRequired && parts && !parts.has(undefined) && { isExpected: true }),
    isGrowing: GROWING.test(name) && !parts,
    choices: Array.isArray(choices) ? share(choices) : undefined,
    min: isNumber(options.min) ? options.min : undefined,
    max: isNumber(options.max) ? options.max : undefined,
    ...(parts && { parts }),
    type: isChoice ? 'COMBO' : name,
    ...(Array.isArray(type) && { isList: true }),
    ...(options.multiselect === true && { isMultiple: true }),
    ...(isShort(options.default) && { default: options.default }),
    ...(isNumber(options.step) && { step: options.step }),
    ...(options.multiline === true && { isMultiline: true }),
    ...(file && { file }),
  };
}

const isShort = (value: unknown): value is Constant =>
  isConstant(value) && (!isString(value) || value.length <= MAX_DEFAULT_LENGTH);

function toParts(type: string, { options, template }: JsonObject, share: Share): InputRule['parts'] {
  if (type === 'COMFY_DYNAMICCOMBO_V3' && Array.isArray(options)) {
    const read = (inputs: unknown) => toClassRules(isObject(inputs) ? inputs : {}, share);
    return new Map(options.filter(isObject).map(({ key, inputs }) => [key, read(inputs)]));
  }
  const grown = type === 'COMFY_AUTOGROW_V3' && isObject(template) ? toGrown(template, share) : undefined;
  return grown && new Map([[undefined, grown]]);
}

/** The inputs that a growing input stands for, all with the same rule: the first `min` are required. */
function toGrown({ input, names, prefix, min, max }: JsonObject, share: Share): ClassRules | undefined {
  const [one] = isObject(input) ? toClassRules(input, share).values() : [];
  const numbered = isString(prefix) && isNumber(max) ? Math.min(max, MAX_GROWN) : 0;
  const all = Array.isArray(names)
    ? names.filter(isString)
    : Array.from({ length: numbered }, (_, nth) => `${prefix}${nth}`);
  if (!one || all.length === 0) return undefined;
  const rest = { ...one, isRequired: false };
  return new Map(all.map((name, nth) => [name, isNumber(min) && nth < min ? one : rest]));
}
