/**
 * Where the author says that model files can be had: beside the nodes that load them, or at the top of older documents. A graph carries it
 * in `_meta`, as a document of ComfyUI's page does in `properties`.
 */
import { isObject, isString, type JsonObject } from '../../comfyui/protocol/json/json.js';
import type { Graph } from '../../comfyui/protocol/protocol.js';
import { withSlashes } from '../../comfyui/protocol/rules.js';
import type { Parts } from './detect.js';
import { objects } from './ui/document.js';

export type ModelSource = { name: string; url: string };

const MAX_SOURCES = 200;
const MAX_NAME_LENGTH = 500;

/** Of both parts of a document, each file once. */
export function modelSources({ workflow, prompt }: Parts): ModelSource[] {
  const found = new Map<string, ModelSource>();
  const read = (models: unknown): void => {
    for (const source of readSources(models))
      if (!found.has(source.name) && found.size < MAX_SOURCES) found.set(source.name, source);
  };
  const readNodes = (graph: JsonObject): void => {
    for (const { properties } of objects(graph.nodes)) if (isObject(properties)) read(properties.models);
    const { definitions } = graph;
    if (isObject(definitions)) objects(definitions.subgraphs).forEach(readNodes);
  };
  if (workflow) {
    readNodes(workflow);
    read(workflow.models);
  }
  for (const node of Object.values(prompt ?? {})) if (isObject(node) && isObject(node._meta)) read(node._meta.models);
  return [...found.values()];
}

/** The sources in a list of any form. */
export const readSources = (models: unknown): ModelSource[] =>
  objects(models).flatMap(({ name, url }) =>
    isString(name) && name.length <= MAX_NAME_LENGTH && isString(url) && /^https:\/\/\S{1,2000}$/.test(url)
      ? [{ name, url }]
      : [],
  );

export const sourcesIn = (graph: Graph): ModelSource[] =>
  Object.values(graph).flatMap(({ _meta }) => _meta?.models ?? []);

/** The graph with each source beside the nodes that name its file. */
export function withSources(graph: Graph, sources: readonly ModelSource[]): Graph {
  if (sources.length === 0) return graph;
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const files = new Set(Object.values(node.inputs).filter(isString).map(baseOf));
      const models = sources.filter(({ name }) => files.has(baseOf(name)));
      return [id, models.length === 0 ? node : { ...node, _meta: { ...node._meta, models } }];
    }),
  );
}

export const baseOf = (path: string): string => withSlashes(path).split('/').at(-1) ?? path;
