/** Nodes that exist only in the browser: ComfyUI never receives them. */
import type { UiNode } from './document.js';

type VirtualKind =
  /** Passes its first input on. */
  | 'reroute'
  /** Gives its value to the inputs that it is linked to. */
  | 'primitive'
  /** Gives what it receives to every `get` of its name. */
  | 'set'
  | 'get'
  /** A note or a button: no part of the graph. */
  | 'ignored'
  /** Its JavaScript changes the graph in ways that the document does not say. */
  | 'opaque';

const KINDS = new Map<string, VirtualKind>([
  ['Reroute', 'reroute'],
  ['Reroute (rgthree)', 'reroute'],
  ['PrimitiveNode', 'primitive'],
  ['SetNode', 'set'],
  ['GetNode', 'get'],
  ['easy setNode', 'set'],
  ['easy getNode', 'get'],
  ['Note', 'ignored'],
  ['MarkdownNote', 'ignored'],
  ['Note Plus (mtb)', 'ignored'],
  ['Label (rgthree)', 'ignored'],
  ['Bookmark (rgthree)', 'ignored'],
  ['Fast Muter (rgthree)', 'ignored'],
  ['Fast Bypasser (rgthree)', 'ignored'],
  ['Fast Groups Muter (rgthree)', 'ignored'],
  ['Fast Groups Bypasser (rgthree)', 'ignored'],
  ['Fast Actions Button (rgthree)', 'ignored'],
  ['Mute / Bypass Relay (rgthree)', 'ignored'],
  ['Mute / Bypass Repeater (rgthree)', 'ignored'],
  ['Random Unmuter (rgthree)', 'ignored'],
  ['Node Collector (rgthree)', 'ignored'],
  ['Node Combiner (rgthree)', 'ignored'],
  ['Anything Everywhere', 'opaque'],
  ['Anything Everywhere3', 'opaque'],
  ['Anything Everywhere?', 'opaque'],
  ['Prompts Everywhere', 'opaque'],
  ['Seed Everywhere', 'opaque'],
]);

export const virtualKind = ({ type }: Pick<UiNode, 'type'>): VirtualKind | undefined => KINDS.get(type);

const INACTIVE = { never: 2, bypass: 4 };

export const isMuted = ({ mode }: UiNode): boolean => mode === INACTIVE.never;
export const isBypassed = ({ mode }: UiNode): boolean => mode === INACTIVE.bypass;
export const isActive = (node: UiNode): boolean => !isMuted(node) && !isBypassed(node);

/** The value of a primitive, or the name of a Set or Get node. */
export const firstValue = ({ values }: UiNode): unknown =>
  Array.isArray(values) ? values[0] : Object.values(values)[0];
