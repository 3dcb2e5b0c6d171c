/** The type and the bounds that an input of a node has by itself. */
import {
  declaredBy,
  type FileKind,
  type Graph,
  type InputRule,
  isFile,
  kindOfFolder,
  knownFolder,
  type ModelKind,
  ruleOf,
} from '../../comfyui/index.js';
import { fileKindOf, type RulesOf } from '../graph/safety.js';
import type { Input, InputType, Place } from '../workflow.js';

export type Natural = Pick<Input, 'min' | 'max' | 'step' | 'isMultiline' | 'catalogue'> & {
  type: InputType;
  modelKind?: ModelKind;
  /** The constant of the graph, else ComfyUI's default. */
  value?: unknown;
};

const FILES: Record<FileKind, InputType> = { image: 'IMAGE', video: 'VIDEO', audio: 'AUDIO', file: 'FILE' };
const PLAIN: ReadonlySet<string> = new Set(['STRING', 'INT', 'FLOAT', 'BOOLEAN']);
const IS_SEED = /(^|[._])(noise_)?seed$/;

/**
 * `absent` if no backend's class declares the input, `link` if it takes no value.
 * @param value the constant in the graph, if there is one
 */
export function naturalOf(graph: Graph, place: Place, value: unknown, rulesOf: RulesOf): Natural | 'absent' | 'link' {
  const node = graph[place.nodeId];
  if (!node) return 'absent';
  const file = fileKindOf(graph, place, rulesOf);
  if (file) return { type: node.class_type === 'LoadImageMask' ? 'MASK' : FILES[file] };
  const known = rulesOf(node.class_type);
  const rule = known.map((rules) => ruleOf(declaredBy(rules, node.inputs), place.input)).find((each) => each);
  if (!rule && (known.length > 0 || value === undefined)) return 'absent';
  const folder = known.length > 0 ? rule?.folder : knownFolder(node.class_type, place.input);
  // A list of models may also contain choices that are no files, such as `taesd`.
  const isModel = folder !== undefined && (value === undefined || isFile(value));
  const modelKind = isModel ? kindOfFolder(folder) : undefined;
  const type = modelKind ? 'MODEL' : typeOf(place.input, rule, value);
  if (!type) return 'link';
  const constant = isConstant(value) ? value : rule?.default;
  return {
    type,
    ...(modelKind && { modelKind }),
    ...(rule && boundsOf(rule, type)),
    ...(rule?.type === 'COMBO' && !modelKind && { catalogue: { classType: node.class_type, input: place.input } }),
    ...(isConstant(constant) && { value: constant }),
    ...(rule?.isMultiline && { isMultiline: true }),
  };
}

function boundsOf({ min, max, step }: InputRule, type: InputType): Pick<Input, 'min' | 'max' | 'step'> {
  if (type !== 'INT' && type !== 'FLOAT') return {};
  // ComfyUI's page alone keeps to the step, and a whole number is given in steps of 1 anyway.
  return {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(type === 'FLOAT' && step !== undefined && { step }),
  };
}

function typeOf(input: string, rule: InputRule | undefined, value: unknown): InputType | undefined {
  const names = rule?.type.split(',') ?? [];
  const plain = names.find((name) => PLAIN.has(name)) as InputType | undefined;
  if (plain === 'INT' || (!rule && Number.isInteger(value)))
    return IS_SEED.test(input) && (rule?.max ?? Number.MAX_SAFE_INTEGER) >= Number.MAX_SAFE_INTEGER ? 'SEED' : 'INT';
  if (plain) return plain;
  if (names.includes('COMBO')) return 'CHOICE';
  // A class that no backend has, or a type of a custom node: the constant tells.
  if (typeof value === 'string') return 'STRING';
  if (typeof value === 'boolean') return 'BOOLEAN';
  return typeof value === 'number' ? 'FLOAT' : undefined;
}

const isConstant = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
