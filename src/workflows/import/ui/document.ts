/** The UI format of ComfyUI's page, read from untrusted JSON into types that say what it means. */
import { isObject, isString, type JsonObject } from '../../../comfyui/protocol/json/json.js';
import { MAX_ID_LENGTH, MAX_NODES, refused } from '../bounds.js';
import { type Problems, short } from '../problems.js';

export type Slot = {
  /** The name of the input, also where the author gave it a label. */
  name: string;
  type: string;
  /** The id of a link in the same graph. */
  link: string | undefined;
  isWidget: boolean;
  label: string | undefined;
};

export type UiNode = {
  id: string;
  type: string;
  title: string | undefined;
  mode: number;
  inputs: Slot[];
  outputs: { name: string; type: string }[];
  /** By position, or by name as some custom packages save them. */
  values: readonly unknown[] | JsonObject;
  /** By name: newer pages save both. */
  named: JsonObject | undefined;
  properties: JsonObject;
};

type UiLink = { originId: string; originSlot: number; targetId: string };

export type UiGraph = {
  nodes: Map<string, UiNode>;
  links: Map<string, UiLink>;
  /** What the graph costs to read: its nodes, links, slots and values. */
  size: number;
};

/** An input or output of a subgraph. */
export type Port = { name: string; type: string; label: string | undefined; linkIds: string[] };

export type Definition = UiGraph & {
  id: string;
  inputs: Port[];
  outputs: Port[];
  /** The names of the inputs that lead to widgets, in order. */
  widgets: string[];
};

export type GroupDefinitions = ReadonlyMap<string, JsonObject>;

export type UiDocument = {
  graph: UiGraph;
  definitions: Map<string, Definition>;
  groups: GroupDefinitions;
  extra: JsonObject;
};

/** The graph ids that links use for the inputs and outputs of the subgraph around them. */
export const INPUT_PANEL = '-10';
export const OUTPUT_PANEL = '-20';

/** @throws BAD_USER_INPUT if it has too many nodes */
export function readDocument(raw: JsonObject, problems: Problems): UiDocument {
  const definitions = new Map<string, Definition>();
  readDefinitions(raw, definitions, problems);
  const extra = isObject(raw.extra) ? raw.extra : {};
  const groups = isObject(extra.groupNodes) ? extra.groupNodes : {};
  return {
    graph: readGraph(raw, problems),
    definitions,
    groups: new Map(Object.entries(groups).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))),
    extra,
  };
}

/** A definition may carry definitions of its own. The depth of a document is bounded, and so is this. */
function readDefinitions(raw: JsonObject, found: Map<string, Definition>, problems: Problems): void {
  for (const each of objects(isObject(raw.definitions) ? raw.definitions.subgraphs : undefined)) {
    const id = idOf(each.id);
    if (id === undefined) continue;
    if (found.has(id)) problems.add('DUPLICATE_ID', `Two subgraphs have the id ${short(id)}: the first is used`);
    else {
      const ports = { inputs: readPorts(each.inputs), outputs: readPorts(each.outputs) };
      const graph = readGraph(each, problems);
      found.set(id, { id, ...ports, ...graph, widgets: widgetPorts(ports.inputs, graph) });
    }
    readDefinitions(each, found, problems);
  }
}

export function readGraph(raw: JsonObject, problems: Problems): UiGraph {
  const list = Array.isArray(raw.nodes) ? raw.nodes : [];
  if (list.length > MAX_NODES) throw refused(`The workflow has ${list.length} nodes; the maximum is ${MAX_NODES}`);
  const nodes = new Map<string, UiNode>();
  for (const each of list) {
    const node = isObject(each) ? readNode(each) : undefined;
    if (!node) problems.add('MALFORMED', 'An entry of the list of nodes has no id or no type: it is left out');
    else if (nodes.has(node.id)) problems.add('DUPLICATE_ID', 'two nodes have this id: the first is used', node);
    else nodes.set(node.id, node);
  }
  const links = readLinks(raw.links);
  const size = [...nodes.values()].map(sizeOf).reduce((sum, each) => sum + each, links.size);
  return { nodes, links, size };
}

const CHARACTERS = 20;

const sizeOf = ({ inputs, outputs, values, named, title }: UiNode): number => {
  const length = JSON.stringify([values, named, title]).length;
  return 1 + inputs.length + outputs.length + Math.ceil(length / CHARACTERS);
};

function widgetPorts(ports: Port[], { nodes }: UiGraph): string[] {
  const slots = [...nodes.values()].flatMap((node) => node.inputs).filter((slot) => slot.isWidget);
  const fed = new Set(slots.map((slot) => slot.link));
  return ports.filter(({ linkIds }) => linkIds.some((id) => fed.has(id))).map(({ name }) => name);
}

export function readNode(raw: JsonObject): UiNode | undefined {
  const id = idOf(raw.id);
  if (id === undefined || !isString(raw.type)) return undefined;
  const values = raw.widgets_values;
  return {
    id,
    type: raw.type,
    title: isString(raw.title) && raw.title !== '' ? raw.title : undefined,
    mode: typeof raw.mode === 'number' ? raw.mode : 0,
    inputs: objects(raw.inputs).map(readSlot),
    outputs: objects(raw.outputs).map((slot) => ({ name: String(slot.name), type: typeOf(slot.type) })),
    values: Array.isArray(values) || isObject(values) ? values : [],
    named: isObject(raw.widgets_values_named) ? raw.widgets_values_named : undefined,
    properties: isObject(raw.properties) ? raw.properties : {},
  };
}

const readSlot = (raw: JsonObject): Slot => ({
  name: isString(raw.name) ? raw.name : '',
  type: typeOf(raw.type),
  link: idOf(raw.link),
  isWidget: isObject(raw.widget),
  label: isString(raw.label) ? raw.label : undefined,
});

const readPorts = (raw: unknown): Port[] =>
  objects(raw).map((port) => ({
    name: String(port.name),
    type: typeOf(port.type),
    label: isString(port.label) ? port.label : undefined,
    linkIds: (Array.isArray(port.linkIds) ? port.linkIds : []).map(idOf).filter((id) => id !== undefined),
  }));

/** Links are arrays at the root and objects inside subgraphs, or objects in both places. */
function readLinks(raw: unknown): Map<string, UiLink> {
  const links = new Map<string, UiLink>();
  for (const each of Array.isArray(raw) ? raw : []) {
    const [id, origin, slot, target] = Array.isArray(each)
      ? each
      : isObject(each)
        ? [each.id, each.origin_id, each.origin_slot, each.target_id]
        : [];
    const ids = { id: idOf(id), originId: idOf(origin), targetId: idOf(target) };
    if (ids.id === undefined || ids.originId === undefined) continue;
    links.set(ids.id, { originId: ids.originId, originSlot: Number(slot), targetId: ids.targetId ?? '' });
  }
  return links;
}

/** Ids are numbers or strings in files, and strings in prompts. Those of inner nodes repeat the ids around them. */
export function idOf(raw: unknown): string | undefined {
  const id = typeof raw === 'number' ? String(raw) : raw;
  return isString(id) && id.length <= MAX_ID_LENGTH ? id : undefined;
}

/** Lists of slots of old files are objects with numbers as keys now and then. */
export const objects = (raw: unknown): JsonObject[] =>
  (Array.isArray(raw) ? raw : isObject(raw) ? Object.values(raw) : []).filter(isObject);

const typeOf = (raw: unknown): string => (isString(raw) ? raw : Array.isArray(raw) ? 'COMBO' : '*');
