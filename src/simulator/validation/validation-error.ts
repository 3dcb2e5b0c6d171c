/** Builds the entries of `node_errors`. */
import type { InputSpec, ValidationError } from '../../comfyui/protocol/protocol.js';
import { PythonError } from '../python/python.js';

/** ComfyUI's own traceback contains the server's paths, too. */
export const TRACEBACK = [
  '  File "/opt/ComfyUI/execution.py", line 1014, in validate_prompt\n    m = await validate_inputs(prompt_id, prompt, o, validated)\n',
];

export function validationError(
  type: string,
  message: string,
  details: string,
  extra_info: Record<string, unknown>,
): ValidationError {
  return { type, message, details, extra_info };
}

/** What most errors contain about the input. */
export function inputInfo(name: string, [type, options = {}]: InputSpec) {
  return { input_name: name, input_config: [type, options] };
}

/** Returns a PythonError. Rethrows every other error: it is a bug of the simulator. */
export function asPythonError(error: unknown): PythonError {
  if (error instanceof PythonError) return error;
  throw error;
}
