/** Describes an exception for `execution_error`. */
import type { ExecutionError } from '../../comfyui/protocol/protocol.js';
import { PythonError, text } from '../python/python.js';

/** Thrown where ComfyUI checks its interrupt flag. */
export class Interrupted extends Error {}

/** Ends the worker, not only the prompt. */
export class WorkerDeath extends Error {}

const OUT_OF_MEMORY_TIP =
  'This error means you ran out of memory on your GPU.\n\n' +
  'TIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.';

/** ComfyUI's own traceback contains the server's paths, too. */
const TRACEBACK = [
  '  File "/opt/ComfyUI/execution.py", line 496, in execute\n    output_data, output_ui, has_subgraph = await get_output_data(prompt_id, unique_id, obj, input_data_all)\n',
];

type Failure = Pick<ExecutionError, 'exception_message' | 'exception_type' | 'traceback' | 'current_inputs'>;

export function describeFailure(error: unknown, inputs: Record<string, unknown>): Failure {
  const type = error instanceof PythonError ? error.type : 'RuntimeError';
  const message = error instanceof Error ? error.message : String(error);
  return {
    exception_message: `${message}\n${isOutOfMemory(type, message) ? OUT_OF_MEMORY_TIP : ''}`,
    exception_type: type,
    traceback: TRACEBACK,
    current_inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, [formatted(value)]])),
  };
}

/** As in ComfyUI 0.17 and later; MPS and CPU have no exception type of their own, and so no tip. */
const isOutOfMemory = (type: string, message: string): boolean =>
  type.endsWith('OutOfMemoryError') || (type.endsWith('AcceleratorError') && message.includes('out of memory'));

/** Simple constants unchanged; everything else as the text that Python prints. */
function formatted(value: unknown): unknown {
  if (value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value)) return value;
  if (Array.isArray(value)) return text(value);
  return `tensor(...) of ${Object.keys(value as object).join(', ')}`;
}
