/** Finds the workflow and the input for a file that another room brings to the form. */
import type { Client } from 'urql';
import { findFile } from './files/read-file';
import type { Incoming } from './incoming';
import type { Start } from './use-start';
import { inputFor, workflowFor } from './workflows/choose-workflow';
import type { WorkflowChoice } from './workflows/queries';

/** @returns undefined if the file does not exist any more, or no workflow takes it */
export async function resolveFile(
  client: Client,
  incoming: Extract<Incoming, { kind: 'file' }>,
  workflows: readonly WorkflowChoice[],
  current: WorkflowChoice | undefined,
): Promise<Start | undefined> {
  const file = await findFile(client, incoming);
  const workflow = file && workflowFor(workflows, current, file.kind);
  const input = workflow && inputFor(workflow, file.kind);
  // Without one, what was written for another picture stays.
  const words = incoming.prompt ? { prompt: incoming.prompt } : {};
  return input ? { workflow, values: { ...words, [input]: file }, isWhole: false } : undefined;
}
