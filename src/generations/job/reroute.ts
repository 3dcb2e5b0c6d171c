/** Routes a job anew when its backend does not accept the graph: to another backend that does, or to wait for one. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Backends } from '../../backends/backends.js';
import { type Needs, routeOf } from '../../backends/needs.js';
import { keyOf, unmetOf } from '../../backends/offer.js';
import {
  constantsOf,
  declaredWithDefaults,
  type Graph,
  type NodeErrors,
  type PromptRefusedError,
  type Requirement,
  requirementOf,
  spelled,
} from '../../comfyui/index.js';
import type { Job } from '../../runner/leases.js';
import { saveRoute } from '../../runner/routes.js';
import type { JobContext } from './context.js';

/** Returns the graph as the backend takes it: with its spelling of file names, and its defaults for inputs that it requires and the graph lacks. */
export function fittedTo(graph: Graph, { backendId }: Job, backends: Backends): Graph {
  const rules = backends.get(backendId)?.offer?.rules;
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const ofClass = rules?.get(node.class_type) ?? new Map();
      const { inputs: filled, declared } = declaredWithDefaults(node.inputs, ofClass);
      const inputs = Object.entries(filled).map(([name, value]) => [name, spelled(declared.get(name), value)]);
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}

/** Whether the backend accepts the graph by its catalogue; true while the catalogue is unknown. */
export function isAccepted(graph: Graph, { backendId }: Job, backends: Backends): boolean {
  const offer = backends.get(backendId)?.offer;
  return offer === undefined || unmetOf(graph, offer).length === 0;
}

/** Saves what the graph needs, by the current catalogues. */
export async function reroute(em: SqlEntityManager, job: Job, needs: Needs): Promise<void> {
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  await em.execute('update generations set route = ? where id = ? and fence = ?', [route, job.id, job.fence]);
}

/**
 * Routes the job anew if the backend rejected the graph for something that it lacks. If its catalogue, read again, does not explain the
 * rejection, another backend has to exist that may accept the graph.
 * @returns false if the graph itself is at fault
 */
export async function rerouteRejected(
  { em, services, job, signal }: JobContext,
  graph: Graph,
  error: PromptRefusedError,
): Promise<boolean> {
  const { backends } = services;
  const backend = backends.get(job.backendId);
  const refused = backend ? requirementsOf(error, graph) : [];
  if (!backend || refused.length === 0) return false;
  await backend.catalogue.reread([...new Set(refused.map(({ classType }) => classType))], signal);
  signal.throwIfAborted();
  const isExplained = !isAccepted(graph, job, backends);
  const learned = isExplained ? [] : refused.map(keyOf).filter((key) => !backend.offer?.refused.has(key));
  for (const key of learned) backend.offer?.refused.add(key);
  const needs = backends.needsOf(graph);
  const others = backends.ids().filter((id) => backends.serves(id, needs));
  // Without a requirement to avoid this backend by, the same rejection would follow.
  if (others.includes(job.backendId) || (!isExplained && others.length === 0)) {
    // Otherwise the next graph with this value would wait for a backend that accepts it.
    for (const key of learned) backend.offer?.refused.delete(key);
    return false;
  }
  await reroute(em, job, needs);
  return true;
}

/** Errors that another backend may not have. All others are faults of the graph. */
const LACKS = /^(value_not_in_list|value_smaller_than_min|value_bigger_than_max|required_input_missing)$/;

/** Returns the requirements that the rejection names. */
function requirementsOf({ error, nodeErrors }: PromptRefusedError, graph: Graph): Requirement[] {
  const missing = missingClass(error);
  if (missing !== undefined) return [{ classType: missing }];
  return Object.entries(nodeErrors).flatMap(([id, { errors }]: [string, NodeErrors[string]]) => {
    const node = graph[id];
    return errors.flatMap(({ type, extra_info }): Requirement[] => {
      const input = extra_info.input_name;
      if (!node || !LACKS.test(type) || typeof input !== 'string') return [];
      const value = node.inputs[input];
      if (value === undefined) return [requirementOf(node, input, { isAbsent: true })];
      return constantsOf(value).map((each) => requirementOf(node, input, { value: each }));
    });
  });
}

/** Versions of ComfyUI before 0.11 name the class in the message only. */
function missingClass({ type, message, extra_info }: PromptRefusedError['error']): string | undefined {
  if (type === 'missing_node_type')
    return typeof extra_info.class_type === 'string' ? extra_info.class_type : undefined;
  return type === 'invalid_prompt' ? /because node (.+) does not exist/.exec(message)?.[1] : undefined;
}
