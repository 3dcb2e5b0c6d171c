/** The part of an operation's context that workflows use. */
import type { ViewerContext } from '../accounts/context.js';
import type { Graph, Problem } from '../comfyui/index.js';
import type { MissingPart } from '../graphql/missing-part.js';
import type { Input } from './workflow.js';
import type { Workflows } from './workflows.js';

export type WorkflowsContext = ViewerContext & {
  workflows: Workflows;
  backends: {
    /** The choices that the backends offer for an input; undefined while they are unknown. */
    choices(input: Input): readonly string[] | undefined;
    /** What keeps every backend from running the graph. */
    check(graph: Graph): Problem[];
    missingParts(problems: readonly Problem[]): MissingPart[];
  };
};
