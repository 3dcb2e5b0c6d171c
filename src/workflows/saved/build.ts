/** Builds the graph of a saved workflow from the values of its inputs. */
import type { Graph } from '../../comfyui/index.js';
import { serverNames } from '../graph/safety.js';
import { withLoras } from '../loras.js';
import type { InputValues, Lora } from '../workflow.js';
import type { SavedInput } from './saved-workflow.js';

type Bound = Pick<SavedInput, 'name' | 'places' | 'loras'>;

/** A place without a value, or with null, keeps what the graph has there; undefined replaces it, for a sample. */
export function buildGraph(graph: Graph, inputs: readonly Bound[], values: InputValues, filenamePrefix: string): Graph {
  const built: Graph = Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [id, { ...node, inputs: { ...node.inputs } }]),
  );
  const given = (name: string) => (Object.hasOwn(values, name) ? values[name] : null);
  for (const { name, places, loras } of inputs) {
    const value = given(name);
    if (value === null || loras) continue;
    for (const { nodeId, input } of places) {
      const inputs = built[nodeId]?.inputs;
      // A choice among numbers has a number in the graph.
      if (inputs) inputs[input] = typeof inputs[input] === 'number' && isNumeric(value) ? Number(value) : value;
    }
  }
  for (const { inputs } of Object.values(built))
    Object.assign(inputs, serverNames(Object.keys(inputs), filenamePrefix));
  return withChains(built, inputs, given);
}

/** A chain behind a loader that another chain replaces comes first: it begins at the output of that loader. */
function withChains(graph: Graph, inputs: readonly Bound[], given: (name: string) => unknown): Graph {
  const replacesLast = (one: Bound, other: Bound) =>
    Number(Boolean(one.loras?.replaces)) - Number(Boolean(other.loras?.replaces));
  return inputs
    .filter(({ loras, name }) => loras && given(name) !== null)
    .sort(replacesLast)
    .reduce(
      (built, { name, loras }) => (loras ? withLoras(built, (given(name) ?? []) as Lora[], loras) : built),
      graph,
    );
}

/** A seed beyond 2^53 stays a string, which ComfyUI accepts. */
const isNumeric = (value: unknown): boolean =>
  typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) && String(Number(value)) === value;
