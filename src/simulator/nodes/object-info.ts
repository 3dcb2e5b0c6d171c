/** Describes node classes for `GET /object_info`. */
import type { InputSpec, NodeInfo, ObjectInfo } from '../../comfyui/protocol/protocol.js';
import type { ModelCatalog } from './model-catalog.js';
import { inputsOf, outputsOf, type SimulatedNode } from './node.js';

export function describeAll(nodes: ReadonlyMap<string, SimulatedNode>, catalog: ModelCatalog): ObjectInfo {
  return Object.fromEntries([...nodes].map(([name, node]) => [name, describe(name, node, catalog)]));
}

export function describe(name: string, node: SimulatedNode, catalog: ModelCatalog): NodeInfo {
  const { required, optional, hidden } = inputsOf(node, catalog);
  const isV3 = typeof node.isV3 === 'function' ? node.isV3(catalog) : (node.isV3 ?? false);
  const specs = (inputs: Record<string, InputSpec> | undefined) => (inputs && isV3 ? withOptions(inputs) : inputs);
  const input = {
    ...(required && { required: specs(required) ?? {} }),
    ...(optional && { optional: specs(optional) ?? {} }),
    ...(hidden && { hidden }),
  };
  const displayName = typeof node.displayName === 'function' ? node.displayName(catalog) : node.displayName;
  const outputs = outputsOf(node, catalog);
  const tooltips = node.tooltips ?? (isV3 ? outputs.map(() => null) : undefined);
  return {
    input,
    input_order: Object.fromEntries(Object.entries(input).map(([kind, inputs]) => [kind, Object.keys(inputs)])),
    output: outputs.map(([type]) => type),
    output_is_list: outputs.map(() => false),
    output_name: outputs.map(([, name]) => name),
    ...(isV3 && tooltips && { output_tooltips: tooltips }),
    ...(isV3 && catalog.version !== '0.3.64' && { output_matchtypes: null }),
    name,
    display_name: displayName === undefined ? (isV3 ? null : name) : displayName,
    description: node.description ?? '',
    python_module: node.module ?? 'nodes',
    category: node.category ?? '',
    output_node: node.isOutput ?? false,
    ...(!isV3 && tooltips && { output_tooltips: tooltips }),
    ...(isV3 && { deprecated: false, experimental: false, api_node: false }),
    ...(typeof node.extra === 'function' ? node.extra(catalog) : node.extra),
  };
}

/** The V3 schema always writes options, at least an empty object. */
function withOptions(inputs: Record<string, InputSpec>): Record<string, InputSpec> {
  return Object.fromEntries(Object.entries(inputs).map(([name, [type, options = {}]]) => [name, [type, options]]));
}
