/** What operations on workflows need of the context of an operation. */
import type { ViewerContext } from '../accounts/context.js';
import type { Input } from './workflow.js';
import type { Workflows } from './workflows.js';

export type WorkflowsContext = ViewerContext & {
  workflows: Workflows;
  backends: {
    /** What the backends offer for an input; undefined where that is not known. */
    choices(input: Input): readonly string[] | undefined;
  };
};
