/**
 * What a graph may reach. Checked when it is saved, when a generation is created, and again for the ComfyUI that executes it: its custom
 * nodes may differ from those that were known before.
 */
import {
  declaredBy,
  type FileKind,
  type Graph,
  knownFileKind,
  type NodeRules,
  ruleOf,
  unwrapped,
} from '../../comfyui/index.js';
import type { Place } from '../workflow.js';
import { faultAt } from './faults.js';
import type { NodePolicy } from './node-policy.js';
import { isLink } from './parse-graph.js';

/** The rules of a class on each backend that has it. */
export type RulesOf = (classType: string) => readonly NodeRules[];

/** `filename_prefix`, also as an input that a choice adds. */
const isPrefix = (input: string): boolean => input === 'filename_prefix' || input.endsWith('.filename_prefix');

/**
 * The names of files that the server sets, by the input of a node that has these inputs. A saver with a folder of its own makes that, and no
 * folder within the prefix; it would also leave ComfyUI's output folder.
 */
export function serverNames(inputs: readonly string[], filenamePrefix: string): Record<string, string> {
  const prefixes = inputs.filter(isPrefix);
  const hasFolder = prefixes.length > 0 && inputs.includes('folder_name');
  return {
    ...Object.fromEntries(prefixes.map((input) => [input, hasFolder ? 'image' : filenamePrefix])),
    ...(hasFolder && { folder_name: filenamePrefix }),
  };
}

/** @param inputs of the node */
export const isServerName = (input: string, inputs: object): boolean =>
  isPrefix(input) || Object.hasOwn(serverNames(Object.keys(inputs), ''), input);

/** ComfyUI reads `name [output]`, `name [temp]` and `../output/name` from another folder, in which every user's files are. */
const LEAVES_INPUT_FOLDER = /\[(output|temp|input)\]\s*$|(^|[\\/])\.\.([\\/]|$)|^([\\/]|[A-Za-z]:)/;

type Checked = {
  graph: Graph;
  /** The places that get a file of the viewer's in every generation. */
  filePlaces: readonly Place[];
  /** Whether an admin wrote the graph. */
  isTrusted: boolean;
};

/** @throws BAD_USER_INPUT for a class that is not allowed, and for a file that the caller did not give */
export function requireSafe(
  { graph, filePlaces, isTrusted }: Checked,
  rulesOf: RulesOf,
  policy: NodePolicy,
  field = 'graph',
): void {
  const given = new Set(filePlaces.map(keyOf));
  for (const [nodeId, node] of Object.entries(graph)) {
    const { class_type: classType, inputs } = node;
    if (!isTrusted && !policy.isAllowed(classType))
      throw faultAt({ nodeId, classType }, 'this server does not allow the class (ALLOWED_NODES)', field);
    for (const input of Object.keys(inputs)) {
      if (fileKindOf(graph, { nodeId, input }, rulesOf) === undefined) continue;
      const expected = expectedFile(inputs[input], given.has(keyOf({ nodeId, input })), isTrusted);
      if (expected !== undefined) throw faultAt({ nodeId, classType, input }, expected, field);
    }
  }
}

/** The kind of file that the input names on some backend, or undefined. */
export function fileKindOf(graph: Graph, { nodeId, input }: Place, rulesOf: RulesOf): FileKind | undefined {
  const node = graph[nodeId];
  if (!node) return undefined;
  const found = rulesOf(node.class_type).map((rules) => ruleOf(declaredBy(rules, node.inputs), input)?.file);
  return found.find((kind) => kind !== undefined) ?? knownFileKind(`${node.class_type}.${input}`);
}

function expectedFile(value: unknown, isGiven: boolean, isTrusted: boolean): string | undefined {
  if (isGiven) return undefined;
  if (isLink(value))
    return 'names a file, and cannot be a link: bind it to an input of type IMAGE, VIDEO, AUDIO or FILE';
  if (!isTrusted) return 'names a file: bind it to an input of type IMAGE, MASK, VIDEO, AUDIO or FILE';
  const name = unwrapped(value);
  return typeof name === 'string' && LEAVES_INPUT_FOLDER.test(name)
    ? 'must be a file of the input folder, without [output] or [temp], and not above it'
    : undefined;
}

const keyOf = ({ nodeId, input }: Place): string => JSON.stringify([nodeId, input]);
