/** A requested generation, with all that decides which outcomes are allowed. */
import type { signUp } from '../support/client.js';
import type { BackendFeature } from './backend-features.js';
import type { Watcher } from './watcher.js';

export type User = Awaited<ReturnType<typeof signUp>>;

export type Creation = {
  user: User;
  /** Unique: identifies the generation even when the response with its id was lost. */
  prompt: string;
  /** The requested number of pictures. */
  images: number;
  /** Whether its backend raises an error. */
  fails: boolean;
  /** A requested feature that only some backends have. */
  feature: BackendFeature | undefined;
  /** Set when the creation was acknowledged. */
  id?: string;
  /** Number of requests without a response; each may have created a generation. */
  unanswered: number;
  /** Set before the request: it may take effect although the response is lost. */
  cancelRequested: boolean;
  deleteRequested: boolean;
  /** Whether the deletion was acknowledged. */
  isDeleted: boolean;
  watcher?: Watcher;
};
