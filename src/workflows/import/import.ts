/** Imports whatever people have of a workflow: JSON of either format, or a file that ComfyUI saved with its workflow inside. */
import type { Graph, ObjectInfo } from '../../comfyui/protocol/protocol.js';
import { MAX_DOCUMENT_LENGTH, refused } from './bounds.js';
import { checkLinks } from './check-links.js';
import { toText } from './containers/bytes.js';
import { embedded } from './containers/embedded.js';
import { detect, type Parts } from './detect.js';
import type { DocumentFormat, Draft } from './draft.js';
import { modelSources, withSources } from './model-sources.js';
import { bounded, parseDocument } from './parse.js';
import { Problems } from './problems.js';
import { propose } from './propose/propose.js';
import { readGraph } from './read-graph.js';
import { convert } from './ui/convert.js';
import { readDocument, type UiDocument } from './ui/document.js';

/** A document that is read, but not converted yet. */
export type Source = { format: DocumentFormat; parts: Parts };

/**
 * @param document the bytes of a file, the text of one, or parsed JSON
 * @throws BAD_USER_INPUT with `field: "document"` if it is no workflow, or beyond a bound; nothing else
 */
export function readSource(document: unknown): Source {
  const carried = document instanceof Uint8Array ? embedded(document) : undefined;
  const parts = detect(carried ?? parsed(document));
  return { format: carried ? 'IMAGE' : parts.workflow ? 'UI' : 'API', parts };
}

/**
 * @param catalogue `/object_info` of the ComfyUI that is to run it, at least of the classes in `classNames` that it has
 * @throws BAD_USER_INPUT as `readSource`
 */
export const toDraft = ({ format, parts }: Source, catalogue: ObjectInfo): Draft => ({
  format,
  ...convertParts(parts, catalogue),
});

/**
 * The graph of a document that has one, without proposed inputs, while no ComfyUI describes the classes. Undefined for a workflow of
 * ComfyUI's page alone: only the classes name its values.
 * @throws BAD_USER_INPUT as `readSource`
 */
export function toBareDraft({ format, parts: { workflow, prompt } }: Source): Draft | undefined {
  if (!prompt) return undefined;
  const problems = new Problems();
  problems.add('NO_CATALOGUE', 'No ComfyUI is online to describe the nodes: import it again later for proposed inputs');
  const read = checkLinks(readGraph(prompt, problems), problems);
  const graph = withSources(read, modelSources({ workflow, prompt }));
  return { format, graph, ...propose(graph, {}, undefined, problems), problems: problems.list };
}

export const importDocument = (document: unknown, catalogue: ObjectInfo): Draft =>
  toDraft(readSource(document), catalogue);

function parsed(document: unknown): unknown {
  if (!(document instanceof Uint8Array))
    return typeof document === 'string' ? parseDocument(document) : bounded(document);
  if (document.length > 4 * MAX_DOCUMENT_LENGTH)
    throw refused('The document is too long, and no file that carries a workflow');
  return parseDocument(toText(document));
}

function convertParts({ workflow, prompt }: Parts, catalogue: ObjectInfo): Omit<Draft, 'format'> {
  const problems = new Problems();
  const ui = workflow && readDocument(workflow, problems);
  const given = prompt ? readGraph(prompt, problems) : ui ? convert(ui, catalogue, problems) : {};
  if (prompt && ui && differ(given, ui, catalogue))
    problems.add(
      'DISAGREEMENT',
      'The workflow and the prompt in the document have different nodes: the prompt is used',
    );
  const graph = checkLinks(given, problems);
  const proposal = propose(graph, catalogue, ui, problems);
  return { graph: withSources(graph, modelSources({ workflow, prompt })), ...proposal, problems: problems.list };
}

/** Whether the two have other nodes. Values may differ: the page draws seeds and choices when it sends a workflow. */
function differ(graph: Graph, document: UiDocument, catalogue: ObjectInfo): boolean {
  const nodesOf = (each: Graph) => new Set(Object.entries(each).map(([id, node]) => `${id} ${node.class_type}`));
  const [one, other] = [nodesOf(graph), nodesOf(convert(document, catalogue, new Problems()))];
  return one.size !== other.size || [...one].some((node) => !other.has(node));
}
