/** The author's own form: App mode keeps it in `extra.linearData`. */
import { isObject, isString } from '../../../comfyui/protocol/json/json.js';
import { MAX_FORM_STEPS, MAX_INPUTS } from '../bounds.js';
import type { DraftInput, DraftOutput } from '../draft.js';
import { type Problems, short } from '../problems.js';
import { idOf, type UiDocument } from '../ui/document.js';
import { placesOf } from '../ui/places.js';
import { type Candidate, chosen } from './candidates.js';
import type { Lookup } from './lookup.js';
import { merge } from './merge.js';

/** Undefined if the document has no form, or nothing of it is left. */
export function formOf(
  document: UiDocument,
  lookup: Lookup,
  negative: ReadonlySet<string>,
  problems: Problems,
): DraftInput[] | undefined {
  const form = document.extra.linearData;
  if (!isObject(form) || !Array.isArray(form.inputs)) return undefined;
  const budget = { steps: MAX_FORM_STEPS };
  const found = form.inputs.slice(0, MAX_INPUTS).flatMap((entry): Candidate[] => {
    const [source, named]: unknown[] = Array.isArray(entry) ? entry : [];
    const { id, widget } = targetOf(source, named);
    if (id === undefined || widget === undefined) return [];
    const places = placesOf(document, id, widget, budget);
    const candidates = places.flatMap(({ place }) => chosen(place, lookup, negative) ?? []);
    if (candidates.length === 0)
      problems.add('STALE_FORM', `The form has ${short(widget)} of node ${short(id)}, which has no value to set`);
    const label = places.find((each) => each.label !== undefined)?.label;
    return candidates.map((each) => (label === undefined ? each : { ...each, role: { name: label, title: label } }));
  });
  return found.length > 0 ? merge(found) : undefined;
}

/** Three spellings are in use: a node's id, a path into a subgraph, and `graph:node:widget` with encoded parts. */
function targetOf(source: unknown, named: unknown): { id: string | undefined; widget: string | undefined } {
  const id = idOf(source);
  const widget = isString(named) ? named : undefined;
  const [graph = '', node, inner] = id?.split(':') ?? [];
  if (!/^[0-9a-f]{8}-/i.test(graph) || node === undefined || inner === undefined) return { id, widget };
  return { id: decoded(node), widget: decoded(inner) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The outputs that the form shows, in its order; all of them if it shows none that is there. */
export function formOutputs(document: UiDocument, all: DraftOutput[]): DraftOutput[] {
  const form = document.extra.linearData;
  const ids = isObject(form) && Array.isArray(form.outputs) ? form.outputs.map(idOf) : [];
  const listed = new Set(ids);
  const shown = all.filter(({ nodeId }) => listed.has(nodeId));
  return shown.length > 0 ? shown : all;
}
