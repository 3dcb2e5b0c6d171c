/** Derives what a generation requires of a backend from the graph that its workflow builds. */
import type { Backends } from '../../backends/backends.js';
import { ModelKind } from '../../backends/model.js';
import type { Needs } from '../../backends/needs.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';

/** @param modelFile undefined while the model's name cannot be validated */
export function needsFor(
  backends: Backends,
  workflow: Workflow,
  values: InputValues,
  modelFile: string | undefined,
  defaultName?: string,
): Needs {
  const sample = { ...values };
  for (const { name, type } of workflow.inputs) {
    if (type === 'MODEL') sample[name] = modelFile;
    // A backend names its upload; the name does not affect the requirements.
    if (type === 'IMAGE') sample[name] = '';
  }
  const needs = backends.needsOf(workflow.build(sample, ''));
  if (modelFile !== undefined || !workflow.inputs.some(({ type }) => type === 'MODEL')) return needs;
  const name = typeof values.model === 'string' ? values.model : defaultName;
  return { ...needs, model: { kind: ModelKind.CHECKPOINT, ...(name !== undefined && { name }) } };
}
