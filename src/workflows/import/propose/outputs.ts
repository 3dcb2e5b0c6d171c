/** The nodes of a graph that leave something to keep. */
import type { GraphNode, NodeInfo } from '../../../comfyui/protocol/protocol.js';
import type { DraftOutput, OutputKind } from '../draft.js';
import { classOf, inputsOf } from '../ui/class-inputs.js';
import type { Lookup } from './lookup.js';
import { Names } from './merge.js';

const BY_CLASS: [RegExp, OutputKind][] = [
  [/Video|WEBM/i, 'VIDEO'],
  [/Audio/i, 'AUDIO'],
  [/GLB|3D/i, 'MODEL_3D'],
  [/Text|^PreviewAny$|^ShowText/i, 'TEXT'],
  [/Latent/i, 'LATENT'],
];
const BY_TYPE: [RegExp, OutputKind][] = [
  [/^VIDEO/, 'VIDEO'],
  [/^AUDIO/, 'AUDIO'],
  [/MESH|FILE_3D/, 'MODEL_3D'],
  [/^(IMAGE|MASK|SVG)/, 'IMAGE'],
  [/^LATENT/, 'LATENT'],
  [/^(STRING|\*)/, 'TEXT'],
];

/** What is saved comes before what is only previewed. */
export function outputs(lookup: Lookup): DraftOutput[] {
  const names = new Names();
  return Object.entries(lookup.graph)
    .map(([nodeId, node]) => ({ nodeId, node, info: classOf(lookup.catalogue, node.class_type) }))
    .filter(({ node, info }) => info?.output_node ?? /^(Save|Preview)/.test(node.class_type))
    .sort((one, other) => Number(isPreview(one.node)) - Number(isPreview(other.node)))
    .map(({ nodeId, node, info }) => {
      const kind = kindOf(node, info);
      const title = lookup.ownTitle(nodeId);
      const { name } = names.unique(title ?? (kind === 'MODEL_3D' ? 'model' : kind.toLowerCase()));
      return { name, title: title ?? info?.display_name ?? node.class_type, kind, nodeId };
    });
}

const isPreview = ({ class_type }: GraphNode): boolean => /preview/i.test(class_type);

function kindOf({ class_type }: GraphNode, info: NodeInfo | undefined): OutputKind {
  const found = BY_CLASS.find(([pattern]) => pattern.test(class_type));
  if (found) return found[1];
  const types = info ? inputsOf(info).map(({ type }) => type) : [];
  for (const [pattern, kind] of BY_TYPE) if (types.some((type) => pattern.test(type))) return kind;
  return /Image|Mask/.test(class_type) ? 'IMAGE' : 'FILE';
}
