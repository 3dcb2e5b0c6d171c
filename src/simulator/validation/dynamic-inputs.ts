/** Inputs that bring others: what is declared depends on what a node has, as `_io.py` of newer versions works it out. */
import type { InputSpec } from '../../comfyui/protocol/protocol.js';
import { inputsOf, type NodeInputs, type Shelf, type SimulatedNode } from '../nodes/node.js';
import { isObject } from '../python/json.js';
import { isSince } from '../version.js';

type Declared = { required: Record<string, InputSpec>; optional: Record<string, InputSpec> };

/** The inputs that the class has where a node has these. */
export function declaredOf(node: SimulatedNode, shelf: Shelf, inputs: Record<string, unknown>): Declared {
  const { required = {}, optional = {} } = inputsOf(node, shelf);
  if (!isSince('0.4', shelf.version)) return { required, optional };
  const declared: Declared = { required: {}, optional: {} };
  expand({ required, optional }, inputs, '', declared);
  return declared;
}

function expand(specs: NodeInputs, inputs: Record<string, unknown>, prefix: string, into: Declared): void {
  for (const group of ['required', 'optional'] as const) {
    for (const [name, spec] of Object.entries(specs[group] ?? {})) {
      const path = prefix + name;
      const [type, options = {}] = spec;
      if (type === 'COMFY_AUTOGROW_V3') grow(options.template, path, into);
      else if (type !== 'COMFY_DYNAMICCOMBO_V3') into[group][path] = spec;
      else {
        const chosen = (options.options as { key: string; inputs: NodeInputs }[]).find(
          ({ key }) => key === inputs[path],
        );
        // A value that is none of the keys is not declared: nobody looks at it.
        if (!chosen) continue;
        into[group][path] = spec;
        expand(chosen.inputs, inputs, `${path}.`, into);
      }
    }
  }
}

function grow(template: unknown, path: string, into: Declared): void {
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
