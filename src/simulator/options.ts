/** The simulator's options and their defaults. */
import type { CacheMode } from './execution/node-cache.js';
import type { SimulatedNode } from './nodes/node.js';
import type { Version } from './version.js';

export type Logger = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

export type SimulatorOptions = {
  /** `127.0.0.1` by default. */
  host?: string;
  /** 0, the default, takes a free port, which stays the same across restarts. */
  port?: number;
  /** Duration of a sampler step; 300 by default: a picture of 20 steps takes eight seconds, slow enough to watch. Loading a model and encoding take a few steps each. */
  stepMs?: number;
  /** File names of models. */
  checkpoints?: string[];
  loras?: string[];
  vaes?: string[];
  embeddings?: string[];
  /** File names in further model folders, such as those of custom nodes; they also replace the folders that are empty otherwise. */
  folders?: Record<string, string[]>;
  /** Samplers in addition to ComfyUI's own, as custom nodes add them; none by default. */
  samplers?: string[];
  /** The ComfyUI version that it simulates; 0.3.64 by default. */
  version?: Version;
  /** The version that it reports, when this differs from `version`; null reports none. */
  reportedVersion?: string | null;
  /** Ignores the client's prompt ids and generates its own, as very old versions do. */
  ignoresPromptIds?: boolean;
  /** More node classes, or replacements of built-in ones. */
  nodes?: Record<string, SimulatedNode>;
  /** Whether samplers send previews when the prompt does not choose; true by default, unlike ComfyUI. */
  previews?: boolean;
  /** The longer side of previews in pixels; 512 by default, whatever the picture's size. */
  previewSize?: number;
  cacheMode?: CacheMode;
  /** The directory for files; by default a temporary one, which is removed at the end. */
  directory?: string;
  /** A file to which each journal event is appended as a line of JSON. */
  journal?: string;
  /** Whether the routes under `/simulator` exist; true by default. */
  control?: boolean;
  /** Delay between `execution_success` and the history entry; 0 by default, and the entry still comes after the event. */
  historyLagMs?: number;
  /** Shuffles the output nodes, whose order in ComfyUI is that of a Python set; the graph's order by default. */
  hashSeed?: number;
  logger?: Logger;
};

type Open = 'directory' | 'hashSeed' | 'journal' | 'reportedVersion';

export type Settings = Required<Omit<SimulatorOptions, Open>> & Pick<SimulatorOptions, Open>;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function resolveOptions(options: SimulatorOptions): Settings {
  return {
    host: '127.0.0.1',
    port: 0,
    stepMs: 300,
    checkpoints: ['stable-diffusion-1.5.safetensors', 'sdxl-base-1.0.safetensors', 'dreamshaper-8.safetensors'],
    loras: [],
    vaes: ['pixel_space'],
    embeddings: [],
    folders: {},
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
