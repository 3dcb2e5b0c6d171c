/** What the inputs of node classes depend on: the version and the available models. */
import type { Version } from '../version.js';

export type ModelCatalog = {
  version: Version;
  checkpoints: string[];
  loras: string[];
  vaes: string[];
  embeddings: string[];
  /** File names in further model folders. */
  folders: Record<string, string[]>;
  /** Samplers that custom nodes add. */
  samplers: string[];
  /** File names in the top level of the input folder. */
  inputs(): string[];
};
