/** A backend does not accept a graph that was meant for it: the job goes to another that does, or waits for one. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Backends } from '../../backends/backends.js';
import { keyOf, type Needs, routeOf, unmetOf } from '../../backends/needs.js';
import {
  constantsOf,
  declaredBy,
  type Graph,
  type NodeErrors,
  type PromptRefusedError,
  type Requirement,
  requirementOf,
  spelled,
} from '../../comfyui/index.js';
import type { Job } from '../../runner/leases.js';
import { saveRoute } from '../../runner/routes.js';

/** The graph with its files as the backend spells them. */
export function spelledFor(graph: Graph, { backendId }: Job, backends: Backends): Graph {
  const rules = backends.get(backendId)?.offer?.rules;
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const known = declaredBy(rules?.get(node.class_type) ?? new Map(), node.inputs);
      const inputs = Object.entries(node.inputs).map(([name, value]) => [name, spelled(known.get(name), value)]);
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}

/** Whether the backend's catalogue says that it accepts the graph; true where it is not known. */
export function isAccepted(graph: Graph, { backendId }: Job, backends: Backends): boolean {
  const offer = backends.get(backendId)?.offer;
  return offer === undefined || unmetOf(graph, offer).length === 0;
}

/** Writes what the graph needs, by what is known of the backends now. */
export async function reroute(em: SqlEntityManager, job: Job, needs: Needs): Promise<void> {
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  await em.execute('update generations set route = ? where id = ? and fence = ?', [route, job.id, job.fence]);
}

/**
 * Whether the graph was refused for what this backend lacks, and not for a fault of its own: then the job is routed anew. Where the
 * backend's catalogue, read again, does not explain the refusal, another backend has to be there that may accept it.
 */
export async function rerouteRefused(
  em: SqlEntityManager,
  backends: Backends,
  { graph, job, error, signal }: { graph: Graph; job: Job; error: PromptRefusedError; signal: AbortSignal },
): Promise<boolean> {
  const backend = backends.get(job.backendId);
  const refused = backend ? requirementsOf(error, graph) : [];
  if (!backend || refused.length === 0) return false;
  await backend.catalogue.reread([...new Set(refused.map(({ classType }) => classType))], signal);
  signal.throwIfAborted();
  const isExplained = !isAccepted(graph, job, backends);
  if (!isExplained) for (const each of refused) backend.offer?.refused.add(keyOf(each));
  const needs = backends.needsOf(graph);
  const others = backends.ids().filter((id) => backends.serves(id, needs));
  // Where it is not known what to avoid, the same would come again.
  if (others.includes(job.backendId) || (!isExplained && others.length === 0)) return false;
  await reroute(em, job, needs);
  return true;
}

/** Another backend may have what these lack. All else is a fault of the graph. */
const LACKS = /^(value_not_in_list|value_smaller_than_min|value_bigger_than_max|required_input_missing)$/;

/** What the refusal names. */
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

/** Versions before 0.11 name the class in words only. */
function missingClass({ type, message, extra_info }: PromptRefusedError['error']): string | undefined {
  if (type === 'missing_node_type')
    return typeof extra_info.class_type === 'string' ? extra_info.class_type : undefined;
  return type === 'invalid_prompt' ? /because node (.+) does not exist/.exec(message)?.[1] : undefined;
}
