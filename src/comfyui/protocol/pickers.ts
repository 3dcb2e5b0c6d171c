/** The parts of ComfyUI's large responses that are kept. */
import type { Picker } from './json/json-stream.js';

/** `{queue_running: [[number, id, graph, extra_data, outputs]], queue_pending}`: the graphs and most of `extra_data` are skipped. */
export const queuePicker: Picker = {
  wants: ([, , field, key]) => (field === 3 ? key === undefined || key === 'client_id' : field !== 2 && field !== 4),
};

/** `{[id]: {prompt, outputs, status, meta}}`: an error repeats the inputs and outputs of its node, tensors included. */
export const historyPicker: Picker = {
  wants: ([, part, , , , key]) =>
    part === 'outputs' ||
    (part === 'status' ? key !== 'current_inputs' && key !== 'current_outputs' : part === undefined),
};
