/** Finds what makes a graph impossible to run, whatever its classes are: names, links to missing nodes, and rings. */
import { isString } from '../../comfyui/protocol/json/json.js';
import type { Graph } from '../../comfyui/protocol/protocol.js';
import { type Problems, type Subject, short } from './problems.js';

/** The graph without its unusable names and broken links, each reported. */
export function checkLinks(given: Graph, problems: Problems): Graph {
  const graph: Graph = {};
  for (const [id, { class_type, inputs, _meta }] of Object.entries(given)) {
    const subject = { id, type: class_type, title: _meta?.title };
    // Assignment to this name would call a setter in some later place.
    if (id === '__proto__') {
      problems.add('MALFORMED', 'a node cannot have this id: it is left out', subject);
      continue;
    }
    const kept = Object.entries(inputs).filter(([name, value]) => isSound(name, value, given, subject, problems));
    graph[id] = { class_type, inputs: Object.fromEntries(kept), ...(_meta && { _meta }) };
  }
  for (const id of rings(graph)) {
    const node = graph[id];
    if (node)
      problems.add('CYCLE', 'its inputs depend on its own output', {
        id,
        type: node.class_type,
        title: node._meta?.title,
      });
  }
  return graph;
}

function isSound(name: string, value: unknown, graph: Graph, subject: Subject, problems: Problems): boolean {
  if (name === '__proto__') {
    problems.add('MALFORMED', 'an input cannot have the name __proto__: it is left out', subject);
    return false;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    problems.add('WRONG_VALUE', `its value of ${short(name)} is no finite number: it is left out`, subject);
    return false;
  }
  const source = sourceOf(value);
  if (source === undefined || (source !== '__proto__' && Object.hasOwn(graph, source))) return true;
  problems.add(
    'BROKEN_LINK',
    `${short(name)} comes from node ${short(source)}, which is not there: it is left out`,
    subject,
  );
  return false;
}

export const isLink = (value: unknown): value is [string, number] =>
  Array.isArray(value) && value.length === 2 && isString(value[0]) && Number.isInteger(value[1]);

const sourceOf = (value: unknown): string | undefined => (isLink(value) ? value[0] : undefined);

/** The nodes that are on a ring or behind one: those that never become ready. */
function rings(graph: Graph): string[] {
  const waiting = new Map<string, number>();
  const targets = new Map<string, string[]>();
  for (const [id, { inputs }] of Object.entries(graph)) {
    const sources = Object.values(inputs)
      .map(sourceOf)
      .filter((source) => source !== undefined);
    waiting.set(id, sources.length);
    for (const source of sources) {
      const list = targets.get(source);
      if (list) list.push(id);
      else targets.set(source, [id]);
    }
  }
  const ready = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    waiting.delete(id);
    for (const target of targets.get(id) ?? []) {
      const count = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, count);
      if (count === 0) ready.push(target);
    }
  }
  return [...waiting.keys()];
}
