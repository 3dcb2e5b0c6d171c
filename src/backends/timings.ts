import type { ComfyUITimings } from '../comfyui/index.js';
import type { Timings } from '../process/timings.js';

/** With those of the ComfyUI client, in milliseconds. */
export type BackendTimings = Timings & { comfyui: ComfyUITimings };
