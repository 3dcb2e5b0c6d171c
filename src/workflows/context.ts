/** The part of an operation's context that workflows use. */
import type { ViewerContext } from '../accounts/context.js';
import type { UserRow } from '../accounts/user-rows.js';
import type { Graph, ObjectInfo, Problem } from '../comfyui/index.js';
import type { MissingPart } from '../graphql/missing-part.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { NodePolicy } from './graph/node-policy.js';
import type { RulesOf } from './graph/safety.js';
import type { Input } from './workflow.js';
import type { Workflows } from './workflows.js';

export type WorkflowsContext = ViewerContext & {
  workflows: Workflows;
  nodePolicy: NodePolicy;
  rateLimits: RateLimits;
  backends: {
    /** The choices that the backends offer for an input; undefined while they are unknown. */
    choices(input: Input): readonly string[] | undefined;
    /** What keeps every backend from running the graph. */
    check(graph: Graph): Problem[];
    /** The problems that remain where nothing is missing. */
    faults(graph: Graph): Problem[];
    missingParts(problems: readonly Problem[], graph: Graph): MissingPart[];
    /** `/object_info` of these classes, without those that no online backend has. @throws COMFYUI_UNAVAILABLE, BAD_USER_INPUT */
    classInfo(names: Iterable<string>): Promise<ObjectInfo>;
    /** What the catalogues of the backends say about a node class. */
    rulesOf: RulesOf;
  };
  loaders: { users: { load(id: string): Promise<UserRow> } };
};
