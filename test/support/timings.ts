/** What a test says of `Timings`; the rest is as in production. */
import { TIMINGS, type Timings } from '../../src/process/timings.js';

export type TestTimings = Partial<Omit<Timings, 'comfyui'>> & { comfyui?: Partial<Timings['comfyui']> };

export const toTimings = ({ comfyui, ...timings }: TestTimings = {}): Timings => ({
  ...TIMINGS,
  ...timings,
  comfyui: { ...TIMINGS.comfyui, ...comfyui },
});
