/** Builds the graph of a saved workflow from the values of its inputs. */
import type { Graph } from '../../comfyui/index.js';
import { isPrefix } from '../graph/safety.js';
import type { InputValues, Place } from '../workflow.js';

/** A place without a value, or with null, keeps what the graph has there; undefined replaces it, for a sample. */
export function buildGraph(
  graph: Graph,
  places: ReadonlyMap<string, readonly Place[]>,
  values: InputValues,
  filenamePrefix: string,
): Graph {
  const built: Graph = Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [id, { ...node, inputs: { ...node.inputs } }]),
  );
  for (const [name, bound] of places) {
    const value = Object.hasOwn(values, name) ? values[name] : null;
    if (value === null) continue;
    for (const { nodeId, input } of bound) {
      const inputs = built[nodeId]?.inputs;
      // A choice among numbers has a number in the graph.
      if (inputs) inputs[input] = typeof inputs[input] === 'number' && isNumeric(value) ? Number(value) : value;
    }
  }
  for (const { inputs } of Object.values(built))
    for (const input of Object.keys(inputs)) if (isPrefix(input)) inputs[input] = filenamePrefix;
  return built;
}

/** A seed beyond 2^53 stays a string, which ComfyUI accepts. */
const isNumeric = (value: unknown): boolean =>
  typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) && String(Number(value)) === value;
