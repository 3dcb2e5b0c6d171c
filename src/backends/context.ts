/** What operations on backends need of the context of an operation. */
import type { ViewerContext } from '../accounts/context.js';
import type { Backends } from './backends.js';

export type BackendsContext = ViewerContext & {
  backends: Backends;
  runner: {
    /** Tells every process that there may be work to claim. */
    announce(): void;
  };
};
