/** The values that a subgraph's host carries for its inner nodes. They win: two hosts of one subgraph have different ones. */
import { isString } from '../../../comfyui/protocol/json/json.js';
import { type Definition, idOf, type UiNode } from './document.js';
import type { Host } from './expand.js';

type HostValues = Pick<Host, 'values' | 'overrides'>;

/** The source of an entry of `proxyWidgets` that names an input of the host itself. */
const OWN = '-1';

export function hostValues(node: UiNode, definition: Definition): HostValues {
  const values = new Map<string, unknown>();
  const overrides = new Map<string, Map<string, unknown>>();
  const proxies = node.properties.proxyWidgets;
  if (Array.isArray(proxies) && Array.isArray(node.values)) {
    for (const [index, entry] of proxies.entries()) {
      const [source, widget]: unknown[] = Array.isArray(entry) ? entry : [];
      const value: unknown = node.values[index];
      const id = idOf(source);
      if (value === undefined || value === null || id === undefined || !isString(widget)) continue;
      if (id === OWN) values.set(widget, value);
      // Entries such as `$$canvas-image-preview` only display something.
      else if (!widget.startsWith('$$')) overrides.set(id, (overrides.get(id) ?? new Map()).set(widget, value));
    }
  } else if (Array.isArray(node.values)) {
    for (const [index, name] of definition.widgets.slice(0, node.values.length).entries())
      values.set(name, node.values[index]);
  }
  for (const [name, value] of Object.entries(node.named ?? {})) if (value !== null) values.set(name, value);
  return { values, overrides };
}
