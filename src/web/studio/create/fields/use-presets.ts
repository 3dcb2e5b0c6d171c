/** What the server takes for the inputs that are left to it. */
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql';
import { asText, type Values } from '../inputs/values';
import { type FormWorkflow, isBuiltIn } from '../workflows/queries';

const DEFAULTS = graphql(`
  query Defaults($workflow: String!, $model: String) {
    generationDefaults(workflow: $workflow, model: $model) {
      model
      workflow { id inputs { name default } }
    }
  }
`);

/** By the names of the inputs. */
export type Presets = Readonly<Record<string, unknown>>;

export function usePresets(workflow: FormWorkflow, values: Values): Presets {
  const model = asText(values.model) ?? null;
  const variables = { workflow: workflow.name, model };
  // Only those leave values to the server that a form could show.
  const [{ data }] = useQuery({ query: DEFAULTS, variables, pause: !isBuiltIn(workflow) });
  const defaults = data?.generationDefaults;
  if (!defaults) return {};
  return {
    ...Object.fromEntries(defaults.workflow.inputs.map(({ name, default: preset }) => [name, preset])),
    model: defaults.model,
  };
}
