/**
 * Follows a link to the node that ComfyUI receives: through reroutes, bypassed nodes, Set and Get nodes, and the walls of subgraphs.
 * It is one loop and not a recursion, so that no document exhausts the stack.
 */
import type { ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import { MAX_HOPS, refused } from '../bounds.js';
import { type Problems, short } from '../problems.js';
import { bypassed, liveSlots } from './bypass.js';
import { INPUT_PANEL, type Slot, type UiDocument, type UiNode } from './document.js';
import type { Instance } from './expand.js';
import { firstValue, isBypassed, isMuted, virtualKind } from './virtual.js';

export type Source =
  | { kind: 'link'; nodeId: string; slot: number }
  /** `primitive` is the node that gives it; without one, it stands on the host of a subgraph. */
  | { kind: 'value'; value: unknown; primitive?: UiNode }
  /** The link leads nowhere: the widget's own value stands. */
  | { kind: 'none' }
  /** The link comes from a muted node: the input is left out. */
  | { kind: 'muted'; node: UiNode };

const NONE: Source = { kind: 'none' };

/** The cost of a link, in slots. */
const LINK = 10;
/** The cost of each slot of a bypassed node, whose types are compared. */
const BYPASS = 10;

type Input = { instance: Instance; node: UiNode; slot: Slot | undefined };
type Output = { instance: Instance; nodeId: string; slot: number };

export class Resolver {
  #hops = 0;
  readonly #slots = new WeakMap<UiNode, Slot[]>();
  /** By graph, the Set nodes by their name. */
  readonly #setters = new WeakMap<Instance['graph'], Map<unknown, UiNode>>();

  constructor(
    private readonly catalogue: ObjectInfo,
    private readonly definitions: UiDocument['definitions'],
    private readonly problems: Problems,
  ) {}

  /** @throws BAD_USER_INPUT if the links of the document are entangled beyond the bound */
  resolve(start: { instance: Instance; node: UiNode; slot: Slot }): Source {
    const type = start.slot.type;
    let at: Input | Source = start;
    // A ring comes past a place again, and the places are marked at growing distances.
    let [steps, next, mark]: [number, number, Input] = [0, 1, start];
    while ('instance' in at) {
      const { instance, node, slot }: Input = at;
      if (slot?.link === undefined) return NONE;
      if (steps > 0 && slot === mark.slot && instance === mark.instance) {
        this.problems.add('CYCLE', `the link of its input ${short(start.slot.name)} leads round in a ring`, start.node);
        return NONE;
      }
      if (steps === next) [next, mark] = [next * 2, at];
      steps += 1;
      this.#hop(LINK + node.inputs.length);
      const link = instance.graph.links.get(slot.link);
      if (!link) {
        this.problems.add('BROKEN_LINK', `the link of its input ${short(slot.name)} does not exist`, node);
        return NONE;
      }
      at = this.#from({ instance, nodeId: link.originId, slot: link.originSlot }, type, node);
    }
    return at;
  }

  #hop(count: number): void {
    this.#hops += count;
    if (this.#hops > MAX_HOPS) throw refused('The links of the workflow pass through too many nodes');
  }

  /** From an output to the input in front of it, or to the end. */
  #from(start: Output, type: string, target: UiNode): Input | Source {
    let at = start;
    for (;;) {
      const { instance, nodeId, slot } = at;
      this.#hop(LINK);
      if (nodeId === INPUT_PANEL) return this.#outside(instance, slot);
      const node = instance.graph.nodes.get(nodeId);
      if (!node) {
        this.problems.add('BROKEN_LINK', `a link comes from node ${short(nodeId)}, which does not exist`, target);
        return NONE;
      }
      const kind = virtualKind(node);
      if (kind === 'reroute') return { instance, node, slot: node.inputs[0] };
      if (kind === 'primitive')
        return firstValue(node) === undefined ? NONE : { kind: 'value', value: firstValue(node), primitive: node };
      if (kind === 'get') return this.#setter(instance, node);
      if (kind === 'set') return { instance, node, slot: node.inputs[0] };
      if (kind) return NONE;
      if (isMuted(node)) return { kind: 'muted', node };
      if (isBypassed(node)) {
        this.#hop(BYPASS * (1 + node.inputs.length));
        return { instance, node, slot: bypassed(node, slot, type, this.#liveSlots(node)) };
      }
      const child = instance.children.get(nodeId);
      if (!child) return Number.isInteger(slot) ? { kind: 'link', nodeId: instance.prefix + nodeId, slot } : NONE;
      const port = child.host?.definition.outputs[slot];
      this.#hop(port?.linkIds.length ?? 0);
      const id = port?.linkIds.find((each) => child.graph.links.has(each)) ?? '';
      const inner = child.graph.links.get(id);
      if (!inner) return NONE;
      at = { instance: child, nodeId: inner.originId, slot: inner.originSlot };
    }
  }

  #liveSlots(node: UiNode): Slot[] {
    const slots = this.#slots.get(node) ?? liveSlots(node, this.catalogue, this.definitions.get(node.type));
    this.#slots.set(node, slots);
    return slots;
  }

  /** Through the input panel of a subgraph. The host's slots are matched by name: a file leaves out those that are not linked. */
  #outside({ host }: Instance, slot: number): Input | Source {
    const port = host?.definition.inputs[slot];
    if (!host || !port) return NONE;
    this.#hop(host.node.inputs.length);
    const outer = host.node.inputs.find((each) => each.name === port.name);
    if (outer?.link !== undefined) return { instance: host.instance, node: host.node, slot: outer };
    return host.values.has(port.name) ? { kind: 'value', value: host.values.get(port.name) } : NONE;
  }

  /** In the graph of the Get node, then in the graphs around it. */
  #setter(from: Instance, get: UiNode): Input | Source {
    const name = firstValue(get);
    for (let instance: Instance | undefined = from; instance; instance = instance.host?.instance) {
      const setters = this.#setters.get(instance.graph) ?? settersOf(instance.graph);
      this.#setters.set(instance.graph, setters);
      const node = setters.get(name);
      if (node) return { instance, node, slot: node.inputs[0] };
    }
    this.problems.add('BROKEN_LINK', `no Set node has the name ${short(name)}`, get);
    return NONE;
  }
}

const settersOf = ({ nodes }: Instance['graph']): Map<unknown, UiNode> =>
  new Map([...nodes.values()].filter((node) => virtualKind(node) === 'set').map((node) => [firstValue(node), node]));
