/** The graph of a workflow before all of its values are known. */
import type { Graph } from '../comfyui/index.js';
import { type InputValues, isFileType, type Workflow } from './workflow.js';

/** Builds the graph with undefined for every value that is null or missing, and without a prefix. */
export function sampleGraph(workflow: Workflow, values: InputValues): Graph {
  const sample = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? undefined]));
  // A backend names its upload; the name does not affect the requirements.
  for (const { name, type } of workflow.inputs) if (isFileType(type)) sample[name] = '';
  return workflow.build(sample, '');
}

/** The graph with the defaults of the inputs. */
export const defaultGraph = (workflow: Workflow): Graph =>
  sampleGraph(workflow, Object.fromEntries(workflow.inputs.map((input) => [input.name, input.default])));
