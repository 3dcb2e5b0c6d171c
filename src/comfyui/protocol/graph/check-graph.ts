/**
 * Checks a graph before anything is queued: a graph without problems is not rejected by the ComfyUI whose rules these are. It follows
 * `validate_prompt` of execution.py, and also finds what ComfyUI does not check: undeclared inputs, constants in place of links, and sizes
 * that fit no machine. Custom nodes may validate more, and files in the input folder are not checked.
 */
import type { Rules } from '../rules.js';
import { checkClass, checkInputs } from './check-node.js';
import { checkSizes, GRAPH_LIMITS, type GraphLimits } from './limits.js';
import { type AnyGraph, executedNodes, longestChain, ringIn } from './links.js';
import type { Problem } from './problem.js';

/** More would help nobody. */
const MAX_PROBLEMS = 100;

/** Returns the problems, node by node; empty if the graph can be submitted. Takes any JSON object, such as one from a user. */
export function checkGraph(graph: AnyGraph, rules: Rules, limits: GraphLimits = GRAPH_LIMITS): Problem[] {
  const ids = Object.keys(graph);
  if (ids.length > limits.nodes)
    return [{ kind: 'too_large', message: `The graph has ${ids.length} nodes: the limit is ${limits.nodes}` }];
  const needed = executedNodes(graph, (name) => rules.get(name));
  const problems: Problem[] = [];
  if (needed.size === 0)
    problems.push({ kind: 'no_output', message: 'The graph has no node that saves or shows anything' });
  // With an output node, any of them may be executed.
  const executed = needed.size === 0 ? new Set(ids) : needed;
  for (const id of ids) {
    const ofClass = checkClass(id, graph[id], rules);
    problems.push(...ofClass);
    if (ofClass.length === 0 && executed.has(id))
      problems.push(...checkInputs(graph, id, rules), ...checkSizes(graph, id, limits));
    if (problems.length >= MAX_PROBLEMS) break;
  }
  const ring = ringIn(graph, executed);
  if (ring)
    problems.push({ kind: 'cycle', nodeId: ring[0] ?? '', message: `The links form a ring: ${ring.join(' → ')}` });
  const length = ring ? 0 : longestChain(graph, executed);
  if (length > limits.chain)
    problems.push({
      kind: 'too_large',
      message: `The links form a chain of ${length} nodes: the limit is ${limits.chain}`,
    });
  return problems.slice(0, MAX_PROBLEMS);
}
