/** Timings that a test changes; the others are as in production. */
import { APP_TIMINGS, type AppTimings } from '../../src/timings.js';

export type TestTimings = Partial<Omit<AppTimings, 'comfyui'>> & { comfyui?: Partial<AppTimings['comfyui']> };

export const toTimings = ({ comfyui, ...timings }: TestTimings = {}): AppTimings => ({
  ...APP_TIMINGS,
  ...timings,
  comfyui: { ...APP_TIMINGS.comfyui, ...comfyui },
});
