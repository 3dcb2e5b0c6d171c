/** The part of an operation's context that backends use. */
import type { ViewerContext } from '../accounts/context.js';
import type { Backends } from './backends.js';

export type BackendsContext = ViewerContext & {
  backends: Backends;
  runner: {
    /** Notifies every process that there may be jobs to claim. */
    announce(): void;
  };
};
