/** The nodes of a graph, as the editor shows them. */
import type { Graph, InputForm, Place } from './form';

type Constant = Place & { node: string; value: string | number | boolean };

/** Inputs that the server sets itself. */
const SERVER_SETS = /^(filename_prefix|folder_name)$/;

/** @returns such as `KSampler` */
export const nodeTitle = (graph: Graph, nodeId: string): string => {
  const node = graph[nodeId];
  return node?._meta?.title ?? node?.class_type ?? nodeId;
};

/** The constant that the graph has at the place of an input. */
export function constantAt(graph: Graph, { nodeId, input }: Place): Constant['value'] | undefined {
  const value = graph[nodeId]?.inputs[input];
  return isConstant(value) ? value : undefined;
}

/** The constants that no input sets. */
export function freeConstants(graph: Graph, inputs: readonly InputForm[]): Constant[] {
  const taken = new Set(inputs.flatMap(({ nodeId, input, also }) => [{ nodeId, input }, ...also].map(keyOf)));
  return Object.entries(graph).flatMap(([nodeId, node]) =>
    Object.entries(node.inputs).flatMap(([input, value]) =>
      isConstant(value) && !SERVER_SETS.test(input) && !taken.has(keyOf({ nodeId, input }))
        ? [{ nodeId, input, value, node: nodeTitle(graph, nodeId) }]
        : [],
    ),
  );
}

export const keyOf = ({ nodeId, input }: Place): string => JSON.stringify([nodeId, input]);

const isConstant = (value: unknown): value is Constant['value'] =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
