/** The workflows that the viewer may use. */
import { graphql, type ResultOf } from '../../api/graphql';
import { INPUT } from '../inputs/form-input';

export const WORKFLOWS = graphql(`
  query FormWorkflows {
    viewer { id }
    workflows {
      id name title description isShared createdAt
      owner { id }
      outputs { name kind }
      inputs { name type }
      missing { kind name }
    }
  }
`);

export type WorkflowChoice = NonNullable<ResultOf<typeof WORKFLOWS>['workflows']>[number];

export const FORM_WORKFLOW = graphql(
  `
    query FormWorkflow($id: ID!) {
      workflow(id: $id) {
        id name title description createdAt
        inputs { ...Input }
        missing { kind name folder suggestions url }
      }
    }
  `,
  [INPUT],
);

export type FormWorkflow = NonNullable<ResultOf<typeof FORM_WORKFLOW>['workflow']>;

export const isBuiltIn = ({ createdAt }: { createdAt: string | null }): boolean => createdAt === null;
