/** The node classes by name, and what `GET /object_info` says of them. */
import type { InputSpec, NodeInfo, ObjectInfo } from '../../comfyui/protocol/protocol.js';
import { inputsOf, outputsOf, type Shelf, type SimulatedNode } from './node.js';

export function describeAll(nodes: ReadonlyMap<string, SimulatedNode>, shelf: Shelf): ObjectInfo {
  return Object.fromEntries([...nodes].map(([name, node]) => [name, describe(name, node, shelf)]));
}

export function describe(name: string, node: SimulatedNode, shelf: Shelf): NodeInfo {
  const { required, optional, hidden } = inputsOf(node, shelf);
  const isNew = typeof node.isNew === 'function' ? node.isNew(shelf) : (node.isNew ?? false);
  const specs = (inputs: Record<string, InputSpec> | undefined) => (inputs && isNew ? withOptions(inputs) : inputs);
  const input = {
    ...(required && { required: specs(required) ?? {} }),
    ...(optional && { optional: specs(optional) ?? {} }),
    ...(hidden && { hidden }),
  };
  const displayName = typeof node.displayName === 'function' ? node.displayName(shelf) : node.displayName;
  const outputs = outputsOf(node, shelf);
  const tooltips = node.tooltips ?? (isNew ? outputs.map(() => null) : undefined);
  return {
    input,
    input_order: Object.fromEntries(Object.entries(input).map(([kind, inputs]) => [kind, Object.keys(inputs)])),
    output: outputs.map(([type]) => type),
    output_is_list: outputs.map(() => false),
    output_name: outputs.map(([, name]) => name),
    ...(isNew && tooltips && { output_tooltips: tooltips }),
    ...(isNew && shelf.version !== '0.3.64' && { output_matchtypes: null }),
    name,
    display_name: displayName === undefined ? (isNew ? null : name) : displayName,
    description: node.description ?? '',
    python_module: node.module ?? 'nodes',
    category: node.category ?? '',
    output_node: node.isOutput ?? false,
    ...(!isNew && tooltips && { output_tooltips: tooltips }),
    ...(isNew && { deprecated: false, experimental: false, api_node: false }),
    ...(typeof node.extra === 'function' ? node.extra(shelf) : node.extra),
  };
}

/** The newer interface always writes options, if only an empty object. */
function withOptions(inputs: Record<string, InputSpec>): Record<string, InputSpec> {
  return Object.fromEntries(Object.entries(inputs).map(([name, [type, options = {}]]) => [name, [type, options]]));
}
