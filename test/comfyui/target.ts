/** What the contract suite runs against: the ComfyUI at COMFYUI_URL, which strangers may use as well, or else the simulator. */
import { COMFYUI_TIMINGS, type ComfyUITimings } from '../../src/comfyui/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import { VERSIONS, type Version } from '../../src/simulator/version.js';
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

const { COMFYUI_URL: url } = process.env;

export const isReal = Boolean(url);

/** Which ComfyUI the simulator is like. */
export const played: { version: Version } = { version: VERSIONS[0] };

export async function startTarget(): Promise<Target> {
  if (!url)
    return Object.assign(await startSimulator({ stepMs: 0, ...played }), {
      timings: { ...SHORT, recheckIntervalMs: 100 },
    });
  return {
    url,
    timings: COMFYUI_TIMINGS,
    hold: () => undefined,
    release: () => undefined,
    close: async () => undefined,
  };
}
