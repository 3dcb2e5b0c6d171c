/** Where in the graph the value of a widget of the page ends up. */
import { isString } from '../../../comfyui/protocol/json/json.js';
import { MAX_NESTING } from '../bounds.js';
import type { Place } from '../draft.js';
import { idOf, type UiDocument, type UiGraph } from './document.js';
import { virtualKind } from './virtual.js';

type LabelledPlace = {
  place: Place;
  /** What the author called it, at the outermost place that has a name. */
  label: string | undefined;
};

/** The most places that one widget feeds. */
const MAX_PLACES = 100;

/**
 * @param id of a node at the root, or the path of an inner node: `57:8`
 * @param budget of the whole form; what is beyond it is not found
 */
export function placesOf(document: UiDocument, id: string, widget: string, budget: { steps: number }): LabelledPlace[] {
  const found: LabelledPlace[] = [];

  const visit = (graph: UiGraph, prefix: string, nodeId: string, name: string, label: string | undefined): void => {
    const node = graph.nodes.get(nodeId);
    budget.steps -= 1 + (node?.inputs.length ?? 0);
    if (!node || budget.steps < 0 || found.length >= MAX_PLACES || prefix.split(':').length > MAX_NESTING) return;
    const own = label ?? node.inputs.find((slot) => slot.name === name)?.label;
    const definition = document.definitions.get(node.type);
    budget.steps -= definition?.inputs.length ?? 0;
    if (virtualKind(node) === 'primitive') {
      budget.steps -= graph.links.size;
      for (const [linkId, link] of graph.links)
        if (link.originId === nodeId) follow(graph, prefix, linkId, own ?? node.title);
      return;
    }
    if (!definition) {
      found.push({ place: { nodeId: prefix + nodeId, input: name }, label: own });
      return;
    }
    const inner = `${prefix}${nodeId}:`;
    const port =
      definition.inputs.find((each) => each.name === name) ?? definition.inputs.find((each) => each.label === name);
    for (const linkId of port?.linkIds ?? []) follow(definition, inner, linkId, own ?? port?.label);
    if (port) return;
    const proxies = Array.isArray(node.properties.proxyWidgets) ? node.properties.proxyWidgets : [];
    const proxy = proxies.find((entry) => Array.isArray(entry) && entry[1] === name && isString(entry[0]));
    const source = Array.isArray(proxy) ? idOf(proxy[0]) : undefined;
    if (source !== undefined) visit(definition, inner, source, name, own);
  };

  const follow = (graph: UiGraph, prefix: string, linkId: string, label: string | undefined): void => {
    const target = graph.nodes.get(graph.links.get(linkId)?.targetId ?? '');
    budget.steps -= 1 + (target?.inputs.length ?? 0);
    if (budget.steps < 0) return;
    const slot = target?.inputs.find((each) => each.link === linkId);
    if (target && slot) visit(graph, prefix, target.id, slot.name, label);
  };

  if (document.graph.nodes.has(id) || !id.includes(':')) visit(document.graph, '', id, widget, undefined);
  else found.push({ place: { nodeId: id, input: widget }, label: undefined });
  return found;
}
