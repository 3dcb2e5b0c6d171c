/** One thing that is wrong with a node, as `node_errors` says it. */
import type { InputSpec, ValidationError } from '../../comfyui/protocol/protocol.js';
import { PythonError } from '../python/python.js';

/** The real ones hold the server's paths, too. */
export const TRACEBACK = [
  '  File "/opt/ComfyUI/execution.py", line 1014, in validate_prompt\n    m = await validate_inputs(prompt_id, prompt, o, validated)\n',
];

export function reason(
  type: string,
  message: string,
  details: string,
  extra_info: Record<string, unknown>,
): ValidationError {
  return { type, message, details, extra_info };
}

/** What most reasons tell of the input. */
export function about(name: string, [type, options = {}]: InputSpec) {
  return { input_name: name, input_config: [type, options] };
}

/** What Python would have caught. Throws again what is no Python's. */
export function asPythonError(error: unknown): PythonError {
  if (error instanceof PythonError) return error;
  throw error;
}
