/** What a generation needs of a backend, from the graph that its workflow makes of its inputs. */
import type { Backends } from '../../backends/backends.js';
import type { Needs } from '../../backends/needs.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';

/** @param modelFile undefined while the model's name has not been judged */
export function needsFor(
  backends: Backends,
  workflow: Workflow,
  values: InputValues,
  modelFile: string | undefined,
): Needs {
  const sample = { ...values };
  for (const { name, type } of workflow.inputs) {
    if (type === 'MODEL') sample[name] = modelFile;
    // The name that a backend gives it is not known yet, and does not matter.
    if (type === 'IMAGE') sample[name] = '';
  }
  return backends.needsOf(workflow.build(sample, ''));
}
