/** An imported workflow on its way to the editor, which saves it. */
import { navigate } from 'wouter/use-hash-location';
import { signedIn } from '../api/account';
import { graphql, type ResultOf } from '../api/graphql';

export const IMPORT_WORKFLOW = graphql(`
  mutation ImportWorkflow($input: ImportWorkflowInput!) {
    importWorkflow(input: $input) {
      format
      graph
      inputs {
        nodeId
        input
        also { nodeId input }
        proposal {
          name title type description required default min max step modelKind choices isMultiline group isAdvanced
        }
      }
      outputs { name title kind nodeId }
      missing { kind name folder suggestions url }
      problems { nodeId nodeType message }
    }
  }
`);

export type Draft = NonNullable<ResultOf<typeof IMPORT_WORKFLOW>['importWorkflow']>;

let waiting: { draft: Draft; title: string } | undefined;
// It is not for the next user.
signedIn.subscribe(() => {
  waiting = undefined;
});

/** Opens the editor with a draft. @param title proposed, such as by the name of the file */
export function editDraft(draft: Draft, title: string): void {
  waiting = { draft, title };
  navigate('/workflows/new');
}

/** @returns the draft that was brought to the editor, once */
export function takeDraft(): { draft: Draft; title: string } | undefined {
  const taken = waiting;
  waiting = undefined;
  return taken;
}
