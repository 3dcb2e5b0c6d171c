/** Finds the form for the settings of a generation: that of its workflow, of a newer version, or of its graph alone. */
import type { Client } from 'urql';
import { graphql, type ResultOf } from '../api/graphql';
import { startImport } from '../import/import-store';
import type { Incoming } from './incoming';
import { parseValues } from './inputs/values';
import type { Start } from './use-start';
import { WORKFLOWS, type WorkflowChoice } from './workflows/queries';

const USED_WORKFLOW = graphql(`
  query UsedWorkflow($id: ID!) {
    workflow(id: $id) {
      id name title version isListed graph
      inputs { name title type }
      bindings { name nodeId input type also { nodeId input } }
    }
  }
`);

type Used = NonNullable<ResultOf<typeof USED_WORKFLOW>['workflow']>;
type Parameters = Record<string, unknown>;
export type LostInput = { name: string; title: string };

type Found = {
  /** Undefined if another form shows the settings, or none can. */
  start?: Start;
  isGone?: boolean;
  /** The version that made the generation, if the form is of a newer one. */
  version?: number;
  /** Inputs whose values the form does not take. */
  lost: LostInput[];
};

/** @param listed the workflows that the page knows */
export async function resolveSettings(
  client: Client,
  { workflowId, parameters }: Extract<Incoming, { kind: 'settings' }>,
  listed: readonly WorkflowChoice[],
): Promise<Found> {
  // Another client may have saved or deleted it meanwhile.
  const read = await client.query(WORKFLOWS, {}, { requestPolicy: 'network-only' });
  const workflows = read.data?.workflows ?? listed;
  const known = workflows.find(({ id }) => id === workflowId);
  if (known) return { start: startOf(known, parameters), lost: lostOf(known.inputs, parameters) };
  const { data } = await client.query(USED_WORKFLOW, { id: workflowId });
  const used = data?.workflow;
  const newer = used?.isListed && workflows.find(({ name }) => name === used.name);
  if (newer)
    return {
      start: startOf(newer, parameters),
      version: used.version,
      lost: lostOf(newer.inputs, parameters, used.inputs),
    };
  if (!used?.graph) return { isGone: true, lost: [] };
  // A graph that was run once, or a workflow that was deleted: its graph still runs.
  const values = used.isListed ? atPlaces(used, parameters) : parameters;
  startImport({ kind: 'document', document: used.graph, name: used.isListed ? used.title : '', values });
  return { lost: used.isListed ? lostOf(placed(used), parameters, used.inputs) : [] };
}

const startOf = (workflow: WorkflowChoice, values: Parameters): Start => ({ workflow, values, isWhole: true });

/** @param taken the inputs of the form @param titled those that the settings are for */
function lostOf(
  taken: readonly Pick<WorkflowChoice['inputs'][number], 'name' | 'type'>[],
  parameters: Parameters,
  titled: readonly LostInput[] = [],
): LostInput[] {
  const values = parseValues(taken, parameters);
  const isSet = (value: unknown) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.entries(parameters)
    .filter(([name, value]) => isSet(value) && values[name] === undefined)
    .map(([name]) => titled.find((input) => input.name === name) ?? { name, title: name });
}

/** LORAS have no place in the graph: nodes are made for them. */
const placed = ({ bindings }: Used) => (bindings ?? []).filter(({ type }) => type !== 'LORAS');

/** The values as a graph takes them, by `nodeId.input`. */
const atPlaces = (used: Used, parameters: Parameters): Parameters =>
  Object.fromEntries(
    placed(used).flatMap(({ name, also, ...first }) =>
      parameters[name] == null
        ? []
        : [first, ...also].map(({ nodeId, input }) => [`${nodeId}.${input}`, parameters[name]]),
    ),
  );
