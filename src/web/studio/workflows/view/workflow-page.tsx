/** One workflow: its form to edit for those who may read its graph, else what it takes and makes. */
import { Share2, Trash2, WandSparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { useViewer } from '../../account/viewer';
import { problemOf } from '../../api/errors';
import { graphql, type ResultOf } from '../../api/graphql';
import { bring } from '../../create/incoming';
import { useWorkflowWords } from '../../generation/use-workflow-words';
import { Button } from '../../ui/button';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Page } from '../../ui/pages/page';
import { RowsWaiting } from '../../ui/pages/rows';
import { ProblemNote } from '../../ui/problems/problem-note';
import { say } from '../../ui/toast';
import { Editor } from '../editor/editor';
import { formOfWorkflow } from '../editor/form';
import { MissingParts } from '../missing-parts';
import { useNewestVersion, Versions } from './versions';
import { WorkflowInputs } from './workflow-inputs';

const WORKFLOW = graphql(`
  query Workflow($name: String!, $version: Int) {
    workflow(name: $name, version: $version) {
      id name title description version isShared createdAt graph
      owner { id }
      bindings {
        name nodeId input also { nodeId input } title type required default min max choices description group isAdvanced
      }
      inputs { name title type description required default min max choices group isAdvanced }
      outputs { name title kind nodeId }
      missing { kind name folder suggestions url }
    }
  }
`);

const SHARE = graphql(`
  mutation ShareWorkflow($name: String!, $isShared: Boolean!) {
    shareWorkflow(name: $name, isShared: $isShared) { id isShared }
  }
`);

const DELETE = graphql(`
  mutation DeleteWorkflow($name: String!) {
    deleteWorkflow(name: $name)
  }
`);

export type Workflow = NonNullable<ResultOf<typeof WORKFLOW>['workflow']>;

export function WorkflowPage({ name, version }: { name: string; version: number | null }) {
  const { t } = useTranslation('workflows');
  const [{ data, error }] = useQuery({ query: WORKFLOW, variables: { name, version } });
  const wordsOf = useWorkflowWords();
  const workflow = data?.workflow;
  const newest = useNewestVersion(name, workflow?.version, version === null);
  const problem = problemOf(error);
  const back = { to: '/workflows', text: t('title') };
  if (!workflow)
    return (
      <Page title={problem ? name : t('loading')} back={back}>
        {problem ? <ProblemNote problem={problem} texts={{ NOT_FOUND: t('notFound') }} /> : <RowsWaiting count={4} />}
      </Page>
    );
  const { id, graph, bindings, missing, createdAt } = workflow;
  const { title, description } = wordsOf(workflow);
  return (
    <Page
      title={title}
      lead={description ?? (title === name ? undefined : name)}
      back={back}
      actions={<Actions workflow={workflow} />}
    >
      {createdAt && newest !== undefined && <Versions name={name} version={workflow.version} newest={newest} />}
      <MissingParts parts={missing} />
      {graph && bindings ? (
        <Editor
          key={id}
          id={id}
          initial={formOfWorkflow({ ...workflow, bindings })}
          saved={{
            name,
            address: `/workflows/${name}/${workflow.version}`,
            isWorthSaving: workflow.version !== newest || !workflow.owner,
          }}
        />
      ) : (
        <WorkflowInputs workflow={workflow} />
      )}
    </Page>
  );
}

function Actions({ workflow: { id, name, title, owner, isShared } }: { workflow: Workflow }) {
  const { t } = useTranslation('workflows');
  const isAdmin = useViewer()?.role === 'ADMIN';
  const [, navigate] = useLocation();
  const share = useMutate(SHARE);
  const remove = useMutate(DELETE);
  return (
    <>
      <Button icon={WandSparkles} onClick={() => bring({ kind: 'settings', workflowId: id, parameters: {} })}>
        {t('use')}
      </Button>
      {owner && isAdmin && (
        <ConfirmButton
          icon={Share2}
          isDanger={false}
          label={isShared ? t('share.stop') : t('share.start')}
          title={isShared ? t('share.stopTitle', { title }) : t('share.startTitle', { title })}
          text={isShared ? t('share.stopText') : t('share.startText')}
          run={async () => (await share({ name, isShared: !isShared })).problem}
        />
      )}
      {owner && (
        <ConfirmButton
          icon={Trash2}
          label={t('delete.label')}
          title={t('delete.title', { title })}
          text={t('delete.text')}
          run={async () => {
            const { problem } = await remove({ name });
            if (!problem) {
              say(t('delete.done', { title }));
              navigate('/workflows');
            }
            return problem;
          }}
        />
      )}
    </>
  );
}
