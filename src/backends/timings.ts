import type { ComfyUITimings } from '../comfyui/index.js';
import type { Timings } from '../process/timings.js';

/** In milliseconds, with the timings of the ComfyUI client. */
export type BackendTimings = Timings & { comfyui: ComfyUITimings };
