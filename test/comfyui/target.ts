/** The server of the contract tests: the ComfyUI at COMFYUI_URL, which other clients may use, or the simulator. */
import { COMFYUI_TIMINGS, type ComfyUITimings } from '../../src/comfyui/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import { VERSIONS, type Version } from '../../src/simulator/version.js';
import { SHORT } from './support.js';

export type Target = {
  url: string;
  /** The timings of its clients. */
  timings: Partial<ComfyUITimings>;
  /** Holds every prompt at its next node. Does nothing at a real ComfyUI, which is slow enough. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
};

const { COMFYUI_URL: url } = process.env;

export const isReal = Boolean(url);

/** The version of ComfyUI that the simulator simulates. */
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
