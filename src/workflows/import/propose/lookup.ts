/** Looks up inputs of the nodes of a graph. */
import type { Graph, GraphNode, NodeInfo, ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import { isLink } from '../check-links.js';
import type { Place } from '../draft.js';
import { type ClassInput, classOf, DYNAMIC_COMBO, inputsOf, optionInputs } from '../ui/class-inputs.js';

export type Found = { place: Place; node: GraphNode; info: NodeInfo; input: ClassInput; value: unknown };

const LONGEST_TITLE = 100;

export class Lookup {
  readonly #inputs = new Map<string, Map<string, ClassInput>>();
  #targets: Map<string, Place[]> | undefined;

  constructor(
    readonly graph: Graph,
    readonly catalogue: ObjectInfo,
  ) {}

  /** Every input of a node that holds a value, those of dynamic combos included. */
  valuesOf(nodeId: string): Found[] {
    const node = this.#node(nodeId);
    const info = node && classOf(this.catalogue, node.class_type);
    if (!node || !info) return [];
    const inputs = this.#inputsOf(nodeId, node, info);
    return Object.entries(node.inputs).flatMap(([name, value]) => {
      const input = inputs.get(name);
      return input && !isLink(value) ? [{ place: { nodeId, input: name }, node, info, input, value }] : [];
    });
  }

  find({ nodeId, input }: Place): Found | undefined {
    return this.valuesOf(nodeId).find(({ place }) => place.input === input);
  }

  /** The inputs that the outputs of a node are linked to. */
  targetsOf(nodeId: string): readonly Place[] {
    this.#targets ??= targets(this.graph);
    return this.#targets.get(nodeId) ?? [];
  }

  /** What the class declares for an input, whether it is linked or not. */
  declared({ nodeId, input }: Place): ClassInput | undefined {
    const node = this.#node(nodeId);
    const info = node && classOf(this.catalogue, node.class_type);
    return node && info && this.#inputsOf(nodeId, node, info).get(input);
  }

  /** The title that the author gave the node; undefined if it has that of its class. */
  ownTitle(nodeId: string): string | undefined {
    const node = this.#node(nodeId);
    const title = node?._meta?.title?.slice(0, LONGEST_TITLE).trim();
    if (!node || !title || title === node.class_type) return undefined;
    return title === classOf(this.catalogue, node.class_type)?.display_name ? undefined : title;
  }

  #node = (id: string): GraphNode | undefined => (Object.hasOwn(this.graph, id) ? this.graph[id] : undefined);

  #inputsOf(id: string, node: GraphNode, info: NodeInfo): Map<string, ClassInput> {
    const known = this.#inputs.get(id);
    if (known) return known;
    const found = new Map<string, ClassInput>();
    const read = (input: ClassInput): void => {
      found.set(input.name, input);
      if (input.type === DYNAMIC_COMBO) for (const each of optionInputs(input, node.inputs[input.name])) read(each);
    };
    for (const input of inputsOf(info)) read(input);
    this.#inputs.set(id, found);
    return found;
  }
}

function targets(graph: Graph): Map<string, Place[]> {
  const found = new Map<string, Place[]>();
  for (const [nodeId, { inputs }] of Object.entries(graph))
    for (const [input, value] of Object.entries(inputs)) {
      if (!isLink(value)) continue;
      const places = found.get(value[0]);
      if (places) places.push({ nodeId, input });
      else found.set(value[0], [{ nodeId, input }]);
    }
  return found;
}
