/** How a simulator can be set up, and what it is when nothing is said. */
import type { CacheMode } from './execution/node-cache.js';
import type { SimulatedNode } from './nodes/node.js';
import type { Version } from './version.js';

export type Logger = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

export type SimulatorOptions = {
  /** `127.0.0.1` by default. */
  host?: string;
  /** 0, the default, takes a free one. It stays the same over restarts. */
  port?: number;
  /** Time of one sampler step; 300 by default, which makes a picture of 20 steps in eight seconds: slow enough to be watched. Loading a model and encoding take some of them. */
  stepMs?: number;
  /** File names of models. */
  checkpoints?: string[];
  loras?: string[];
  vaes?: string[];
  embeddings?: string[];
  /** Samplers besides ComfyUI's own, as custom nodes add them; none by default. */
  samplers?: string[];
  /** Which ComfyUI it is like; 0.3.64 by default. */
  version?: Version;
  /** What it says its version is, whatever it is like; null for nothing. */
  saysVersion?: string | null;
  /** Gives prompts ids of its own, as versions did that are too old to take one. */
  ignoresPromptIds?: boolean;
  /** Further node classes, or others in place of the built-in ones. */
  nodes?: Record<string, SimulatedNode>;
  /** Whether samplers send previews where the prompt does not choose; true by default, unlike the real one. */
  previews?: boolean;
  /** The longer side of previews in pixels; 512 by default, whatever the picture's size. */
  previewSize?: number;
  cacheMode?: CacheMode;
  /** Keeps the files there; otherwise they are in a temporary folder that is removed at the end. */
  directory?: string;
  /** A file to which each event of the journal is appended, as a line of JSON. */
  journal?: string;
  /** Whether the routes under `/simulator` exist; true by default. */
  control?: boolean;
  /** Time between `execution_success` and the history entry; 0 by default, which is still after it. */
  historyLagMs?: number;
  /** Shuffles the order of output nodes, which is that of a Python set in the real one; the graph's order by default. */
  hashSeed?: number;
  logger?: Logger;
};

type Open = 'directory' | 'hashSeed' | 'journal' | 'saysVersion';

export type Settings = Required<Omit<SimulatorOptions, Open>> & Pick<SimulatorOptions, Open>;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function settle(options: SimulatorOptions): Settings {
  return {
    host: '127.0.0.1',
    port: 0,
    stepMs: 300,
    checkpoints: ['stable-diffusion-1.5.safetensors', 'sdxl-base-1.0.safetensors', 'dreamshaper-8.safetensors'],
    loras: [],
    vaes: ['pixel_space'],
    embeddings: [],
    samplers: [],
    version: '0.3.64',
    ignoresPromptIds: false,
    nodes: {},
    previews: true,
    previewSize: 512,
    cacheMode: 'classic',
    control: true,
    historyLagMs: 0,
    logger: silent,
    ...options,
  };
}
