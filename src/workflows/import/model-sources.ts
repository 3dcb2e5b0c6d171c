/** Where the author says that model files can be had: beside the nodes that load them, or at the top of older documents. */
import { isObject, isString, type JsonObject } from '../../comfyui/protocol/json/json.js';
import type { ModelSource } from './draft.js';
import { objects } from './ui/document.js';

const MAX_SOURCES = 200;

/** Each file once. */
export function modelSources(workflow: JsonObject): ModelSource[] {
  const found = new Map<string, ModelSource>();
  const read = (models: unknown): void => {
    for (const { name, url, directory } of objects(models))
      if (
        isString(name) &&
        isString(url) &&
        /^https:\/\/\S{1,2000}$/.test(url) &&
        !found.has(name) &&
        found.size < MAX_SOURCES
      )
        found.set(name, { name, folder: isString(directory) ? directory : undefined, url });
  };
  const readNodes = (graph: JsonObject): void => {
    for (const { properties } of objects(graph.nodes)) if (isObject(properties)) read(properties.models);
    const { definitions } = graph;
    if (isObject(definitions)) objects(definitions.subgraphs).forEach(readNodes);
  };
  readNodes(workflow);
  read(workflow.models);
  return [...found.values()];
}
