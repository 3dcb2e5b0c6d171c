/** Nodes for numbers and texts. */
import type { InputSpec } from '../../comfyui/protocol/protocol.js';
import type { SimulatedNode } from './node.js';

/** ComfyUI's limit: Python's `sys.maxsize`. */
const MAX_INT = 2n ** 63n - 1n;

const range = { min: -MAX_INT, max: MAX_INT };

export const primitives: Record<string, SimulatedNode> = {
  PrimitiveInt: primitive('Int', ['INT', { ...range, control_after_generate: true }]),
  PrimitiveFloat: primitive('Float', ['FLOAT', range]),
  PrimitiveString: primitive('String', ['STRING', { multiline: false }]),
  PrimitiveStringMultiline: primitive('String (Multiline)', ['STRING', { multiline: true }]),
  PrimitiveBoolean: primitive('Boolean', ['BOOLEAN', {}]),

  StringConcatenate: {
    input: {
      required: {
        string_a: ['STRING', { multiline: true }],
        string_b: ['STRING', { multiline: true }],
        delimiter: ['STRING', { default: '', multiline: false }],
      },
    },
    output: ['STRING'],
    displayName: 'Concatenate',
    category: 'utils/string',
    module: 'comfy_extras.nodes_string',
    isV3: true,
    run: ({ string_a, string_b, delimiter }) => ({ outputs: [`${string_a}${delimiter}${string_b}`] }),
  },
};

function primitive(displayName: string, spec: InputSpec): SimulatedNode {
  return {
    input: { required: { value: spec } },
    output: [String(spec[0])],
    displayName,
    category: 'utils/primitive',
    module: 'comfy_extras.nodes_primitive',
    isV3: true,
    run: ({ value }) => ({ outputs: [value] }),
  };
}
