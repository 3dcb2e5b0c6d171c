/** What keeps backends from running a graph, found before anything is queued. */
import { checkGraph, folderOfKind, type Graph, type MissingName, type Problem, withSlashes } from '../comfyui/index.js';
import type { MissingPart } from '../graphql/missing-part.js';
import { near } from '../graphql/suggestions.js';
import { baseOf, type ModelSource } from '../workflows/import/model-sources.js';
import { missingOf, needsOf } from './needs.js';
import { type Offer, refusedIn } from './offer.js';

/**
 * Returns the problems of the backend that has the fewest. Empty if one backend can run the graph, or its catalogue was never read.
 * @param graph a value of an input that is undefined is not checked @param counts which problems count
 */
export function preflight(
  graph: Graph,
  offers: readonly (Offer | undefined)[],
  counts: (problem: Problem) => boolean = () => true,
): Problem[] {
  let least: Problem[] | undefined;
  for (const offer of offers) {
    const problems = offer ? problemsOf(graph, offer).filter(counts) : [];
    if (problems.length === 0) return [];
    if (!least || problems.length < least.length) least = problems;
  }
  return least ?? [];
}

function problemsOf(graph: Graph, offer: Offer): Problem[] {
  if (!offer.rules)
    return missingOf(needsOf(graph), offer).flatMap((lack) =>
      lack.kind === 'VALUE' ? [] : toProblem({ ...lack, kind: lack.kind }),
    );
  const refused = refusedIn(graph, offer).map(({ nodeId, requirement: { classType, input, value } }): Problem => {
    const message = `Node ${nodeId}: ComfyUI rejects ${classType}${input === undefined ? '' : `, input ${input}: ${value}`}`;
    return { kind: 'wrong_value', nodeId, message, ...(input !== undefined && { input }) };
  });
  return [...checkGraph(graph, offer.rules), ...refused];
}

const toProblem = (missing: MissingName): Problem => ({
  kind: missing.kind === 'NODE' ? 'unknown_class' : 'missing_model',
  message: `missing ${missing.name}`,
  missing,
});

/**
 * The missing node classes and models, each once, with the nearest names that any backend has.
 * @param sources from the graph
 */
export function missingParts(
  problems: readonly Problem[],
  offers: readonly Offer[],
  sources: readonly ModelSource[] = [],
): MissingPart[] {
  const found = problems.flatMap(({ missing }) => missing ?? []);
  const unique = new Map(found.map((each) => [JSON.stringify([each.kind, each.folder, each.name]), each]));
  const urls = new Map(sources.map(({ name, url }) => [baseOf(name), url]));
  return [...unique.values()].map(({ kind, name, folder }) => ({
    kind,
    name,
    folder: folder ?? null,
    suggestions: near(name, [...namesLike({ kind, name, ...(folder !== undefined && { folder }) }, offers)]),
    url: (kind === 'MODEL' && urls.get(baseOf(name))) || null,
  }));
}

/** All names of the same kind. */
function namesLike({ kind, folder }: MissingName, offers: readonly Offer[]): Set<string> {
  if (kind === 'NODE') return new Set(offers.flatMap(({ classes }) => [...classes]));
  const isSameFolder = (file: { kind: string; folder?: string }) =>
    folder === undefined || (file.folder ?? folderOfKind(file.kind)) === folder;
  return new Set(
    offers.flatMap(({ files }) =>
      [...files.values()].filter(isSameFolder).map(({ filename }) => withSlashes(filename)),
    ),
  );
}
