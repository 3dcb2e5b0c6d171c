/** What the commands of saved workflows need. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Graph, Problem } from '../../comfyui/index.js';
import type { NodePolicy } from '../graph/node-policy.js';
import type { RulesOf } from '../graph/safety.js';

export type SavedServices = {
  em: SqlEntityManager;
  nodePolicy: NodePolicy;
  backends: {
    rulesOf: RulesOf;
    /** The problems of the graph that remain where nothing is missing. */
    faults(graph: Graph): Problem[];
  };
};
