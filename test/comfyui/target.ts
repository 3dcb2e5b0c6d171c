/** What the contract suite runs against: the ComfyUI at COMFYUI_URL, which strangers may use as well, or else the simulator. */
import { COMFYUI_TIMINGS, type ComfyUITimings } from '../../src/comfyui/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import { SHORT } from './support.js';

export type Target = {
  url: string;
  /** Of its clients. */
  timings: Partial<ComfyUITimings>;
  /** Lets nothing go further than its next node, where that can be done; a real ComfyUI is slow by itself. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
};

export async function startTarget(): Promise<Target> {
  const { COMFYUI_URL: url } = process.env;
  if (!url)
    return Object.assign(await startSimulator({ stepMs: 0 }), { timings: { ...SHORT, recheckIntervalMs: 100 } });
  return {
    url,
    timings: COMFYUI_TIMINGS,
    hold: () => undefined,
    release: () => undefined,
    close: async () => undefined,
  };
}
