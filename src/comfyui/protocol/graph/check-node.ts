/** Checks one node: its class, its inputs and its links. */
import { own } from '../json/json.js';
import { isFile } from '../model-files/model-files.js';
import { isModelFile } from '../model-files/name-folders.js';
import type { NodeId } from '../protocol.js';
import { declaredWithDefaults, type InputRule, type NodeRules, type Rules, ruleOf } from '../rules.js';
import { faultOf } from './check-value.js';
import { type AnyGraph, isLink, nodeOf } from './links.js';
import type { Problem, ProblemKind } from './problem.js';

/** Returns the problems of the class. ComfyUI looks up the class of every node, even of a node that it does not execute. */
export function checkClass(nodeId: NodeId, value: unknown, rules: Rules): Problem[] {
  const node = nodeOf(value);
  if (!node) return [{ kind: 'malformed_node', nodeId, message: `Node ${nodeId} needs a class_type and inputs` }];
  const { class_type: name } = node;
  if (rules.has(name)) return [];
  const message = `Node ${nodeId}: unknown class ${name}`;
  return [{ kind: 'unknown_class', nodeId, message, missing: { kind: 'NODE', name } }];
}

/** The problems of the inputs of a node. An input that is undefined has a value that is not known yet. */
export function checkInputs(graph: AnyGraph, nodeId: NodeId, rules: Rules): Problem[] {
  const node = nodeOf(own(graph, nodeId));
  const known = node && rules.get(node.class_type);
  if (!node || !known) return [];
  const { inputs, declared } = declaredWithDefaults(node.inputs, known);
  const problem = (kind: ProblemKind, input: string, what: string): Problem => ({
    kind,
    nodeId,
    input,
    message: `Node ${nodeId} (${node.class_type}), input ${input}: ${what}`,
  });
  const given = Object.entries(inputs).flatMap(([input, value]): Problem[] => {
    const rule = ruleOf(declared, input);
    // An undeclared link to a missing node kills ComfyUI's worker (0.3.64 and newer): prompts are accepted, but none runs.
    if (!rule && !known.isCustom) return [problem('undeclared_input', input, 'the class does not declare this input')];
    if (value === undefined) return [];
    const [kind, what, missing] = Array.isArray(value)
      ? linkFault(graph, rule, value, rules)
      : valueFault(node.class_type, rule, value);
    return kind === undefined ? [] : [{ ...problem(kind, input, what), ...(missing && { missing }) }];
  });
  const missing = [...declared].filter(([name, { isRequired }]) => isRequired && !Object.hasOwn(inputs, name));
  return [...given, ...missing.map(([name]) => problem('missing_input', name, 'the class requires this input'))];
}

type Fault = [kind: undefined] | [kind: ProblemKind, what: string, missing?: Problem['missing']];

function valueFault(classType: string, rule: InputRule | undefined, value: unknown): Fault {
  const fault = rule && faultOf(rule, value);
  if (!rule || !fault) return [undefined];
  const { kind, what, value: name } = fault;
  const isModel = rule.choices && (rule.folder === undefined ? isModelFile(name) : isFile(name));
  if (!isModel) return [kind, what];
  const where = rule.folder ? `the folder ${rule.folder} has` : `${classType} lists`;
  const missing = { kind: 'MODEL', name: String(name), ...(rule.folder && { folder: rule.folder }) } as const;
  return ['missing_model', `${where} no model ${name}`, missing];
}

function linkFault(graph: AnyGraph, rule: InputRule | undefined, value: readonly unknown[], rules: Rules): Fault {
  if (!isLink(value)) return ['malformed_link', 'a link must be ["node id", slot]'];
  const [source, slot] = value;
  const target = own(graph, source);
  if (target === undefined) return ['missing_node', `node ${source} does not exist`];
  const from = rules.get(nodeOf(target)?.class_type ?? '');
  if (!from?.outputs) return [undefined];
  const type = from.outputs[slot];
  if (type === undefined) return ['missing_slot', `node ${source} has no output ${slot}`];
  if (!rule || fits(from, slot, type, rule)) return [undefined];
  return ['wrong_type', `needs ${rule.type}, and output ${slot} of node ${source} is ${type}`];
}

/** The type of a group of inputs, which ComfyUI's page matches, fits every output. */
const fitsAll = (type: string): boolean => type === '*' || type === 'COMFY_MATCHTYPE_V3';

function fits(from: NodeRules, slot: number, type: string, rule: InputRule): boolean {
  if (rule.isGrowing || fitsAll(type) || fitsAll(rule.type)) return true;
  if (rule.isList) {
    const list = from.lists?.get(slot);
    return list !== undefined && (rule.choices === undefined || isEqual(list, rule.choices));
  }
  const accepted = new Set(rule.type.split(',').map((each) => each.trim()));
  return accepted.has('*') || type.split(',').some((each) => each.trim() === '*' || accepted.has(each.trim()));
}

const isEqual = (one: ReadonlySet<unknown>, other: ReadonlySet<unknown>): boolean =>
  one === other || (one.size === other.size && [...one].every((value) => other.has(value)));
