/** Bounds of graphs that ComfyUI does not have: it accepts a picture of 16384 × 16384 pixels, 4096 times. */
import { own } from '../json/json.js';
import type { NodeId } from '../protocol.js';
import { type AnyGraph, isLink, nodeOf } from './links.js';
import type { Problem } from './problem.js';

export type GraphLimits = {
  nodes: number;
  /** Nodes that are linked in a row. ComfyUI validates them by a recursion, in which Python allows about 950. */
  chain: number;
  /** Width times height of one picture or frame. */
  pixels: number;
  /** The pixels of all pictures of a batch, or all frames of a video. */
  batchPixels: number;
};

export const GRAPH_LIMITS: GraphLimits = { nodes: 2_000, chain: 500, pixels: 2 ** 26, batchPixels: 2 ** 30 };

/** The names of inputs that multiply the size: pictures of a batch, and frames of a video. */
const COUNTS = ['batch_size', 'length'] as const;

export function checkSizes(graph: AnyGraph, nodeId: NodeId, { pixels, batchPixels }: GraphLimits): Problem[] {
  const inputs = nodeOf(own(graph, nodeId))?.inputs ?? {};
  const numberOf = (name: string) => toNumber(graph, own(inputs, name));
  const size = (numberOf('width') ?? 0) * (numberOf('height') ?? 0);
  const whole = COUNTS.reduce((product, name) => product * Math.max(1, numberOf(name) ?? 1), size);
  const tooLarge = (what: string, limit: number): Problem[] => [
    { kind: 'too_large', nodeId, message: `Node ${nodeId}: ${what} exceed the limit of ${limit} pixels` },
  ];
  if (size > pixels) return tooLarge('its width and height', pixels);
  return whole > batchPixels ? tooLarge('its width, height and number of pictures', batchPixels) : [];
}

/** The number that an input has, or that the node which it is linked to has as its `value`. */
function toNumber(graph: AnyGraph, value: unknown): number | undefined {
  const constant = isLink(value) ? own(nodeOf(own(graph, value[0]))?.inputs ?? {}, 'value') : value;
  return typeof constant === 'number' || typeof constant === 'string' ? Number(constant) || undefined : undefined;
}
