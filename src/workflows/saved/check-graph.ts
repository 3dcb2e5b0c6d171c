/** Validates a graph with its bindings: what a saved workflow and a graph of `createGeneration` have in common. */
import { declaredBy, type Graph, type Problem } from '../../comfyui/index.js';
import { badUserInput, type Refusal } from '../../graphql/errors.js';
import { shown } from '../graph/faults.js';
import { type RulesOf, requireSafe, serverNames } from '../graph/safety.js';
import { isFileType } from '../workflow.js';
import { buildGraph } from './build.js';
import type { SavedInput } from './saved-workflow.js';
import type { SavedServices } from './services.js';

type Checked = { graph: Graph; inputs: SavedInput[] };

/**
 * Returns the graph as it is stored: with every prefix of file names, which the server sets, and without the names of files that callers give.
 * @param parsed see `parseGraph` @throws BAD_USER_INPUT
 */
export function checkGraph(
  parsed: Graph,
  bind: (graph: Graph) => SavedInput[],
  isTrusted: boolean,
  { backends, nodePolicy }: SavedServices,
): Checked {
  const { rulesOf } = backends;
  const graph = withPrefixes(parsed, rulesOf);
  const inputs = bind(graph);
  const filePlaces = inputs
    .filter(({ type, required }) => isFileType(type) && required)
    .flatMap(({ places }) => places);
  requireSafe({ graph: withSampleLoras(graph, inputs), filePlaces, isTrusted }, rulesOf, nodePolicy);
  const [fault] = backends.faults(withDefaults(graph, inputs));
  if (fault) throw refusalOf(fault);
  for (const { nodeId, input } of filePlaces) {
    const inputs = graph[nodeId]?.inputs;
    if (inputs) inputs[input] = '';
  }
  return { graph, inputs };
}

/** With the class that loads what the caller gives. */
function withSampleLoras(graph: Graph, inputs: readonly SavedInput[]): Graph {
  const chains = inputs.filter(({ loras }) => loras);
  return buildGraph(
    graph,
    chains,
    Object.fromEntries(chains.map(({ name }) => [name, [{ name: '', strength: 1 }]])),
    '',
  );
}

/** A value that every caller gives is undefined: it is not checked yet. */
function withDefaults(graph: Graph, inputs: readonly SavedInput[]): Graph {
  const given = inputs.filter(({ default: value, required }) => value !== undefined || required);
  return buildGraph(graph, given, Object.fromEntries(given.map((input) => [input.name, input.default])), '');
}

const refusalOf = ({ message, nodeId }: Problem): Refusal =>
  badUserInput(message, 'graph', nodeId === undefined ? {} : { nodeId: shown(nodeId) });

/** An optional prefix that the graph leaves out would be ComfyUI's own, the same for every user. */
function withPrefixes(parsed: Graph, rulesOf: RulesOf): Graph {
  return Object.fromEntries(
    Object.entries(parsed).map(([nodeId, node]) => {
      const declared = rulesOf(node.class_type).flatMap((rules) => [...declaredBy(rules, node.inputs).keys()]);
      const names = serverNames([...declared, ...Object.keys(node.inputs)], '');
      return [nodeId, { ...node, inputs: { ...node.inputs, ...names } }];
    }),
  );
}
