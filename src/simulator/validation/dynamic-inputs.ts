/** Dynamic inputs: the declared inputs depend on the node's values, as in `_io.py` of newer versions. */
import type { InputSpec } from '../../comfyui/protocol/protocol.js';
import type { ModelCatalog } from '../nodes/model-catalog.js';
import { inputsOf, type NodeInputs, type SimulatedNode } from '../nodes/node.js';
import { isObject } from '../python/json.js';
import { isSince } from '../version.js';

type Declared = { required: Record<string, InputSpec>; optional: Record<string, InputSpec> };

/** Returns the inputs that the class declares for these values. */
export function declaredInputs(node: SimulatedNode, catalog: ModelCatalog, inputs: Record<string, unknown>): Declared {
  const { required = {}, optional = {} } = inputsOf(node, catalog);
  if (!isSince('0.4', catalog.version)) return { required, optional };
  const declared: Declared = { required: {}, optional: {} };
  expand({ required, optional }, inputs, '', declared);
  return declared;
}

function expand(specs: NodeInputs, inputs: Record<string, unknown>, prefix: string, into: Declared): void {
  for (const group of ['required', 'optional'] as const) {
    for (const [name, spec] of Object.entries(specs[group] ?? {})) {
      const path = prefix + name;
      const [type, options = {}] = spec;
      if (type === 'COMFY_AUTOGROW_V3') expandAutogrow(options.template, path, into);
      else if (type !== 'COMFY_DYNAMICCOMBO_V3') into[group][path] = spec;
      else {
        const chosen = (options.options as { key: string; inputs: NodeInputs }[]).find(
          ({ key }) => key === inputs[path],
        );
        // ComfyUI ignores a value that is not one of the keys.
        if (!chosen) continue;
        into[group][path] = spec;
        expand(chosen.inputs, inputs, `${path}.`, into);
      }
    }
  }
}

function expandAutogrow(template: unknown, path: string, into: Declared): void {
  if (!isObject(template)) return;
  const { input, names, prefix, min, max } = template as {
    input: NodeInputs;
    names?: string[];
    prefix?: string;
    min: number;
    max: number;
  };
  const [group, specs] = Object.entries(input).find(([, each]) => Object.keys(each ?? {}).length > 0) ?? [];
  const [spec] = Object.values((specs ?? {}) as Record<string, InputSpec>);
  const all = names ?? Array.from({ length: max }, (_, nth) => `${prefix}${nth}`);
  for (const [nth, name] of all.entries()) {
    if (spec) into[nth < min && group === 'required' ? 'required' : 'optional'][`${path}.${name}`] = spec;
  }
}
