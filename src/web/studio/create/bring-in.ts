/** Finds the workflow and the values for what another room brings to the form. */
import type { Client } from 'urql';
import { graphql } from '../api/graphql';
import { startImport } from '../import/import-store';
import { findFile } from './files/read-file';
import type { Incoming } from './incoming';
import type { Start } from './use-start';
import { inputFor, workflowFor } from './workflows/choose-workflow';
import type { WorkflowChoice } from './workflows/queries';

const USED_WORKFLOW = graphql(`
  query UsedWorkflow($id: ID!) {
    workflow(id: $id) { id name title isListed graph }
  }
`);

/** @returns `gone` if the workflow or the file does not exist any more; undefined if it is not for the form */
export async function resolveIncoming(
  client: Client,
  incoming: Incoming,
  workflows: readonly WorkflowChoice[],
  current: WorkflowChoice | undefined,
): Promise<Start | 'gone' | undefined> {
  if (incoming.kind === 'file') {
    const file = await findFile(client, incoming);
    const workflow = file && workflowFor(workflows, current, file.kind);
    const input = workflow && inputFor(workflow, file.kind);
    return input ? { workflow, values: { [input]: file }, isWhole: false } : 'gone';
  }
  const { workflowId, parameters } = incoming;
  const known = workflows.find(({ id }) => id === workflowId);
  if (known) return { workflow: known, values: parameters, isWhole: true };
  const { data } = await client.query(USED_WORKFLOW, { id: workflowId });
  const used = data?.workflow;
  const newer = used?.isListed && workflows.find(({ name }) => name === used.name);
  if (newer) return { workflow: newer, values: parameters, isWhole: true };
  if (!used?.graph) return 'gone';
  // A graph that was run once, or a workflow that was deleted: its graph still runs.
  startImport({
    kind: 'document',
    document: used.graph,
    name: used.isListed ? used.name : '',
    values: used.isListed ? {} : parameters,
  });
  return undefined;
}
