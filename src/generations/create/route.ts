/** Derives what a generation requires of a backend from the graph that its workflow builds. */
import type { Backends } from '../../backends/backends.js';
import type { Needs } from '../../backends/needs.js';
import type { Graph } from '../../comfyui/index.js';
import type { ResolvedModels } from './models.js';

/** What the graph needs, and the models that are not known yet. */
export function needsFor(backends: Backends, graph: Graph, { unknown }: ResolvedModels): Needs {
  return { ...backends.needsOf(graph), ...(unknown.length > 0 && { models: unknown }) };
}
