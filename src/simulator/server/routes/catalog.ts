/** Lists node classes and models. */
import { describe, describeAll } from '../../nodes/object-info.js';
import { empty, type HttpResponse, json, type RouteContext } from './route.js';

export function objectInfo({ instance, params: [name] }: RouteContext): HttpResponse {
  const { nodes } = instance.shared;
  if (name === undefined) return json(describeAll(nodes, instance.catalog));
  const node = nodes.get(name);
  return json(node ? { [name]: describe(name, node, instance.catalog) } : {});
}

export function models({ instance, params: [folder] }: RouteContext): HttpResponse {
  const { folders } = instance.catalog;
  if (folder === undefined) return json(Object.keys(folders));
  return Object.hasOwn(folders, folder) ? json(folders[folder]) : empty(404);
}

export function embeddings({ instance }: RouteContext): HttpResponse {
  return json(instance.catalog.embeddings);
}
