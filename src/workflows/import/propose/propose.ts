/** Proposes the inputs and outputs of an imported graph. */
import type { Graph, ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import type { DraftInput, DraftOutput } from '../draft.js';
import type { Problems } from '../problems.js';
import { classOf } from '../ui/class-inputs.js';
import type { UiDocument } from '../ui/document.js';
import { candidates } from './candidates.js';
import { formOf, formOutputs } from './form.js';
import { Lookup } from './lookup.js';
import { merge } from './merge.js';
import { outputs } from './outputs.js';
import { negativeNodes } from './polarity.js';

/** From the author's form if the document has one, else from what the graph has. */
export function propose(
  graph: Graph,
  catalogue: ObjectInfo,
  document: UiDocument | undefined,
  problems: Problems,
): { inputs: DraftInput[]; outputs: DraftOutput[] } {
  const lookup = new Lookup(graph, catalogue);
  const negative = negativeNodes(graph, (classType, slot) => classOf(catalogue, classType)?.output?.[slot]);
  const all = outputs(lookup);
  return {
    inputs: (document && formOf(document, lookup, negative, problems)) ?? merge(candidates(lookup, negative)),
    outputs: document ? formOutputs(document, all) : all,
  };
}
