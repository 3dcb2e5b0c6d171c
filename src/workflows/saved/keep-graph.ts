/** A graph that is handed to `createGeneration`: an unlisted workflow whose inputs are all the constants of the graph. */
import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Viewer } from '../../accounts/viewer.js';
import type { Graph } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import { shown } from '../graph/faults.js';
import { parseGraph } from '../graph/parse-graph.js';
import { isServerName, type RulesOf } from '../graph/safety.js';
import { isPrompt } from '../import/detect.js';
import type { ProblemCode } from '../import/draft.js';
import { isFileType, type Workflow } from '../workflow.js';
import { checkGraph } from './check-graph.js';
import { readDraft } from './import-workflow.js';
import { nameOfGraph } from './names.js';
import { naturalOf } from './natural-type.js';
import { resolveOutputs } from './outputs.js';
import { keepVersion, type NewVersion } from './saved-rows.js';
import { toWorkflow } from './saved-source.js';
import type { SavedInput } from './saved-workflow.js';
import type { SavedServices } from './services.js';

/**
 * Saves nothing yet: `keep` does, when the generation is valid.
 * @param document a graph in the API format, or a document that `importWorkflow` takes
 * @throws FORBIDDEN, COMFYUI_UNAVAILABLE, BAD_USER_INPUT for the field `graph`
 */
export async function draftOfGraph(
  viewer: Viewer,
  document: unknown,
  services: SavedServices,
): Promise<{ workflow: Workflow; keep(): Promise<string> }> {
  services.nodePolicy.requireAuthor(viewer);
  const isTrusted = viewer.role === 'ADMIN';
  const { rulesOf } = services.backends;
  const bind = (graph: Graph) => inputsOf(graph, rulesOf, isTrusted);
  const given = isPrompt(document) ? document : await importedGraph(document, services);
  const { graph, inputs } = checkGraph(parseGraph(given), bind, isTrusted, services);
  const version: NewVersion = {
    id: uuid(),
    ownerId: viewer.id,
    name: nameOfGraph(hashOf(graph)),
    title: null,
    description: null,
    graph,
    inputs,
    outputs: resolveOutputs(graph, null, rulesOf),
    isShared: false,
    isListed: false,
  };
  const workflow = toWorkflow({ ...version, version: 1, isTrusted, createdAt: new Date().toISOString() });
  return { workflow, keep: () => keepVersion(services.em, version) };
}

/** What does not change the picture, and classes that no ComfyUI has: those are reported as missing. */
const TOLERATED: readonly ProblemCode[] = [
  'UNKNOWN_CLASS',
  'FIXED_VALUE',
  'STALE_FORM',
  'DISAGREEMENT',
  'NO_CATALOGUE',
];

/** Nobody sees the draft before it runs, so nothing may be lost. */
async function importedGraph(document: unknown, services: SavedServices): Promise<Graph> {
  const { graph, problems } = await readDraft(() => document, 'graph', services);
  const lost = problems.find(({ code }) => !TOLERATED.includes(code));
  if (lost) throw badUserInput(lost.message, 'graph', lost.nodeId === undefined ? {} : { nodeId: shown(lost.nodeId) });
  return graph;
}

/** Every constant by the name `nodeId.input`. A value that is left out stays as the graph has it; only an admin may leave out a file. */
function inputsOf(graph: Graph, rulesOf: RulesOf, isTrusted: boolean): SavedInput[] {
  return Object.entries(graph).flatMap(([nodeId, { inputs, class_type: classType }]) =>
    Object.entries(inputs).flatMap(([input, value]): SavedInput[] => {
      const place = { nodeId, input };
      if (isServerName(input, inputs) || (typeof value === 'object' && value !== null)) return [];
      const natural = naturalOf(graph, place, value, rulesOf);
      if (natural === 'absent' || natural === 'link') return [];
      const { value: _, ...rest } = natural;
      return [
        {
          ...rest,
          name: `${nodeId}.${input}`,
          title: `${classType} · ${input}`,
          required: isFileType(rest.type) && !isTrusted,
          places: [place],
        },
      ];
    }),
  );
}

/** The order of members does not matter. */
const hashOf = (graph: Graph): string => createHash('sha256').update(JSON.stringify(graph, sorted)).digest('hex');

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
