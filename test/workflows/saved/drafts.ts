/** Helpers for tests of `importWorkflow`. */
import type { Answer, Client, Variables } from '../../support/client.js';

export const IMPORT = `mutation ($input: ImportWorkflowInput!) {
  importWorkflow(input: $input) {
    format graph outputs { name title kind nodeId } missing { kind name folder url } problems { nodeId nodeType message }
    inputs { nodeId input also { nodeId input }
      proposal { name title type required default min max step choices modelKind isMultiline isAdvanced } }
  }
}`;
type Proposed = {
  nodeId: string;
  input: string;
  also: { nodeId: string; input: string }[];
  proposal: { name: string; type: string; [field: string]: unknown };
};
export type Draft = {
  format: string;
  graph: Record<string, { class_type: string; inputs: Record<string, unknown> }>;
  inputs: Proposed[];
  outputs: { name: string; title: string; nodeId: string }[];
  missing: unknown[];
  problems: { nodeId: string | null; message: string }[];
};

export const tryImport = (input: Variables, client: Client): Promise<Answer> => client.ask(IMPORT, { input });
