/** Tells positive prompts from negative ones by where their CONDITIONING leads. */
import type { Graph } from '../../../comfyui/protocol/protocol.js';
import { isLink } from '../check-links.js';

type Polarity = 'positive' | 'negative';
/** The type of an output; undefined if it is not known. */
export type TypeOf = (classType: string, slot: number) => unknown;

/** Types that carry a prompt on its way to a sampler. */
const CARRIERS = new Set<unknown>(['CONDITIONING', 'STRING', '*', 'COMFY_MATCHTYPE_V3']);

/** The nodes that only lead to inputs named `negative`. A text that leads to both sides is a positive one. */
export function negativeNodes(graph: Graph, typeOf: TypeOf): ReadonlySet<string> {
  const positive = behind('positive', graph, typeOf);
  return new Set([...behind('negative', graph, typeOf)].filter((id) => !positive.has(id)));
}

function behind(side: Polarity, graph: Graph, typeOf: TypeOf): Set<string> {
  const found = new Set<string>();
  const open: string[] = [];
  const visit = (value: unknown): void => {
    if (!isLink(value) || found.has(value[0])) return;
    const source = graph[value[0]];
    const type = source && typeOf(source.class_type, value[1]);
    if (!source || (type !== undefined && !CARRIERS.has(type))) return;
    found.add(value[0]);
    open.push(value[0]);
  };
  for (const { inputs } of Object.values(graph)) if (Object.hasOwn(inputs, side)) visit(inputs[side]);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    // A node that has both sides passes each to its own output: those two are starts of their own.
    for (const [name, value] of Object.entries(graph[id]?.inputs ?? {}))
      if (name !== 'positive' && name !== 'negative') visit(value);
  }
  return found;
}
