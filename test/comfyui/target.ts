/** What the contract suite runs against: the ComfyUI at COMFYUI_URL, which strangers may use as well, or else the simulator. */
import { startSimulator } from '../../src/simulator/index.js';

export type Target = {
  url: string;
  /** Lets nothing go further than its next node, where that can be done; a real ComfyUI is slow by itself. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
};

export async function startTarget(): Promise<Target> {
  const { COMFYUI_URL: url } = process.env;
  if (!url) return startSimulator({ stepMs: 0 });
  return { url, hold: () => undefined, release: () => undefined, close: async () => undefined };
}
