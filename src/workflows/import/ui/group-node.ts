/** Group nodes of older pages, read as a subgraph: its inputs and outputs are named as the page named them. */
import { isObject, isString, type JsonObject } from '../../../comfyui/protocol/json/json.js';
import type { ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import type { Problems } from '../problems.js';
import { type ClassInput, classOf, controlsAfter, inputsOf, isWidget } from './class-inputs.js';
import {
  type Definition,
  type GroupDefinitions,
  INPUT_PANEL,
  idOf,
  OUTPUT_PANEL,
  objects,
  type Port,
  readNode,
  type UiNode,
} from './document.js';

export const isGroup = ({ type }: Pick<UiNode, 'type'>): boolean => /^workflow[>/]/.test(type);

/** Returns undefined, and reports why, if the document lacks the definition or its values do not fit today's classes. */
export function groupDefinition(
  host: UiNode,
  groups: GroupDefinitions,
  catalogue: ObjectInfo,
  problems: Problems,
): Definition | undefined {
  const raw = groups.get(host.type.slice('workflow/'.length));
  if (!raw) {
    problems.add('BROKEN_LINK', 'the document does not define this group node: it is left out', host);
    return undefined;
  }
  const group = new Group(host, raw, catalogue);
  const definition = group.read();
  if (!definition)
    problems.add(
      'UNNAMED_VALUES',
      'the values of this group node do not fit the classes of today: it is left out. Convert it to a subgraph in ComfyUI',
      host,
    );
  return definition;
}

/** What the page saves for them. */
const BUTTONS = new Set<unknown>(['image', '', null]);

class Group {
  readonly #nodes = new Map<string, UiNode>();
  readonly #links: Definition['links'] = new Map();
  /** The outputs that inner links start from, and those that the author exposed besides. */
  readonly #fed = new Set<string>();
  readonly #external = new Set<string>();
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  readonly #config: JsonObject;
  /** The values of the host, one after another for each inner node. */
  readonly #values: unknown[];
  #next = 0;
  readonly #converted: (() => void)[] = [];

  constructor(
    private readonly host: UiNode,
    private readonly raw: JsonObject,
    private readonly catalogue: ObjectInfo,
  ) {
    this.#config = isObject(raw.config) ? raw.config : {};
    this.#values = Array.isArray(host.values) ? host.values : [];
  }

  read(): Definition | undefined {
    for (const [index, each] of objects(this.raw.nodes).entries()) {
      const node = readNode({ ...each, id: index });
      if (node)
        this.#nodes.set(node.id, { ...node, inputs: node.inputs.map((slot) => ({ ...slot, link: undefined })) });
    }
    this.#readLinks();
    const seen = { inputs: new Map<string, number>(), outputs: new Map<string, number>() };
    for (const node of this.#nodes.values()) {
      if (!this.#readInputs(node, seen.inputs)) return undefined;
      this.#readOutputs(node, seen.outputs);
    }
    for (const read of this.#converted) read();
    if (this.#next !== this.#values.length) return undefined;
    return {
      id: this.host.type,
      nodes: this.#nodes,
      links: this.#links,
      size: this.#nodes.size + this.#links.size,
      widgets: [],
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }

  #readLinks(): void {
    for (const [at, link] of (Array.isArray(this.raw.links) ? this.raw.links : []).entries()) {
      const [origin, originSlot, target, targetSlot]: unknown[] = Array.isArray(link) ? link : [];
      const [originId, targetId] = [idOf(origin), idOf(target)];
      const slot = this.#nodes.get(targetId ?? '')?.inputs[Number(targetSlot)];
      if (originId === undefined || targetId === undefined || !slot) continue;
      slot.link = `inner ${at}`;
      this.#links.set(slot.link, { originId, originSlot: Number(originSlot), targetId });
      this.#fed.add(`${originId} ${originSlot}`);
    }
    for (const entry of Array.isArray(this.raw.external) ? this.raw.external : [])
      if (Array.isArray(entry)) this.#external.add(`${entry[0]} ${entry[1]}`);
  }

  /** Names what is not linked inside, and takes the node's values from the host. False if they run out. */
  #readInputs(node: UiNode, seen: Map<string, number>): boolean {
    const info = classOf(this.catalogue, node.type);
    const inputs = info ? inputsOf(info) : [];
    const widgets = inputs.filter(isWidget);
    const values: Record<string, unknown> = {};
    const isConverted = (name: string) => node.inputs.some((slot) => slot.name === name);
    for (const input of widgets.filter(({ name }) => !isConverted(name))) this.#takeValue(node, input, values);
    if (node.type === 'PrimitiveNode') return this.#takePrimitive(node);
    const sockets = inputs.filter((input) => !isWidget(input));
    const converted = widgets.filter(({ name }) => isConverted(name));
    const slots = info ? sockets.map(({ name }) => this.#slot(node, name)) : node.inputs;
    for (const slot of slots) if (slot.link === undefined) this.#expose(node, slot, seen);
    if (!info) return true;
    // The page puts widgets that were converted to inputs behind those of all nodes.
    for (const input of converted)
      this.#converted.push(() => {
        const slot = this.#slot(node, input.name);
        if (slot.link === undefined) this.#expose(node, slot, seen);
        this.#takeValue(node, input, values);
      });
    this.#skipButtons(inputs);
    this.#nodes.set(node.id, { ...node, values, named: undefined });
    return this.#next <= this.#values.length;
  }

  #takeValue(node: UiNode, input: ClassInput, values: Record<string, unknown>): void {
    // The page makes no widget on the host for what an inner link feeds, nor for what the author hid.
    const isFed = node.inputs.some((slot) => slot.name === input.name && slot.link?.startsWith('inner'));
    if (isFed) return;
    values[input.name] = this.#values[this.#next];
    this.#next += 1 + controlsAfter(input);
  }

  /** Loaders of files have a button, and those of sounds a player before it: places with nothing to send. */
  #skipButtons(inputs: readonly ClassInput[]): void {
    const hasAny = (...names: string[]) => inputs.some(({ options }) => names.some((name) => options[name]));
    const isImage = hasAny('image_upload', 'video_upload', 'animated_image_upload');
    for (let left = hasAny('audio_upload') ? 2 : isImage ? 1 : 0; left > 0; left -= 1)
      if (BUTTONS.has(this.#values[this.#next])) this.#next += 1;
  }

  #takePrimitive(node: UiNode): boolean {
    const count = Array.isArray(node.values) ? node.values.length : 0;
    this.#nodes.set(node.id, { ...node, values: this.#values.slice(this.#next, this.#next + count) });
    this.#next += count;
    return this.#next <= this.#values.length;
  }

  #slot(node: UiNode, name: string): UiNode['inputs'][number] {
    const found = node.inputs.find((slot) => slot.name === name);
    if (found) return found;
    const slot = { name, type: '*', link: undefined, isWidget: false, label: undefined };
    node.inputs.push(slot);
    return slot;
  }

  #expose(node: UiNode, slot: UiNode['inputs'][number], seen: Map<string, number>): void {
    const { name, isVisible } = this.#custom(node, 'input', slot.name);
    if (!isVisible) return;
    const own = unique(name ?? slot.label ?? slot.name, slot.name, node, seen);
    slot.link = `outer ${node.id} ${slot.name}`;
    this.#links.set(slot.link, { originId: INPUT_PANEL, originSlot: this.#inputs.length, targetId: node.id });
    this.#inputs.push({ name: own, type: slot.type, label: undefined, linkIds: [slot.link] });
  }

  /** Outputs that lead nowhere inside, or that the author exposed, in order. */
  #readOutputs(node: UiNode, seen: Map<string, number>): void {
    for (const [slot, output] of node.outputs.entries()) {
      const isInner = this.#fed.has(`${node.id} ${slot}`) && !this.#external.has(`${node.id} ${slot}`);
      const { name, isVisible } = this.#custom(node, 'output', String(slot));
      if (!isVisible || (isInner && node.type !== 'Reroute')) continue;
      const link = `out ${node.id} ${slot}`;
      this.#links.set(link, { originId: node.id, originSlot: slot, targetId: OUTPUT_PANEL });
      const own = unique(name ?? output.name, output.name, node, seen);
      this.#outputs.push({ name: own, type: output.type, label: undefined, linkIds: [link] });
    }
  }

  #custom(node: UiNode, part: 'input' | 'output', key: string): { name: string | undefined; isVisible: boolean } {
    const [config, at]: [unknown, unknown] = [this.#config[node.id], undefined];
    const parts = isObject(config) && isObject(config[part]) ? config[part] : {};
    const custom = Object.hasOwn(parts, key) ? parts[key] : at;
    if (!isObject(custom)) return { name: undefined, isVisible: true };
    return { name: isString(custom.name) ? custom.name : undefined, isVisible: custom.visible !== false };
  }
}

/** The page puts the node's title in front of a repeated name, and a number in front of one that repeats still. */
function unique(name: string, slot: string, node: UiNode, seen: Map<string, number>): string {
  let [key, own] = [name, name];
  if (seen.has(name)) {
    const prefix = `${node.title ?? node.type} `;
    key = own = `${prefix}${slot}`;
    if (seen.has(own)) own = `${prefix}${seen.get(own)} ${slot}`;
  }
  seen.set(key, (seen.get(key) ?? 1) + 1);
  return own;
}
