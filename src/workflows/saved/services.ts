/** What the commands of saved workflows need. */
import type { WorkflowsContext } from '../context.js';

export type SavedServices = Pick<WorkflowsContext, 'em' | 'nodePolicy'> & {
  backends: Pick<WorkflowsContext['backends'], 'rulesOf' | 'faults' | 'check' | 'missingParts' | 'classInfo'>;
};
