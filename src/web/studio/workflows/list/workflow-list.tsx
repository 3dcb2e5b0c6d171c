/** All workflows: the user's own, shared ones, built-in ones. */
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql, type ResultOf } from '../../api/graphql';
import { useWorkflowWords, type WorkflowWords } from '../../generation/use-workflow-words';
import { ImportButton, useMayImport } from '../../import/import-button';
import { SearchField } from '../../ui/forms/search-field';
import { Page, Section } from '../../ui/pages/page';
import { Nothing, Rows, RowsWaiting } from '../../ui/pages/rows';
import { ProblemNote } from '../../ui/problems/problem-note';
import { UnsavedList } from './unsaved-list';
import { WorkflowRow } from './workflow-row';

const WORKFLOWS = graphql(`
  query Workflows {
    workflows {
      id name title description version isShared createdAt
      owner { id }
      missing { kind name folder suggestions url }
    }
  }
`);

export type ListedWorkflow = NonNullable<ResultOf<typeof WORKFLOWS>['workflows']>[number];

/** In the order of the page. */
const ORIGINS = ['own', 'shared', 'builtIn'] as const;

const originOf = ({ owner, createdAt }: ListedWorkflow): (typeof ORIGINS)[number] =>
  owner ? 'own' : createdAt ? 'shared' : 'builtIn';

const contains = ({ name, title, description }: WorkflowWords & { name: string }, words: string): boolean =>
  `${name} ${title} ${description ?? ''}`.toLowerCase().includes(words.trim().toLowerCase());

export function WorkflowList() {
  const { t } = useTranslation('workflows');
  const [{ data, error }] = useQuery({ query: WORKFLOWS });
  const wordsOf = useWorkflowWords();
  const mayImport = useMayImport();
  const [words, setWords] = useState('');
  const sought = useDeferredValue(words);
  const found = data?.workflows?.filter((workflow) => contains({ name: workflow.name, ...wordsOf(workflow) }, sought));
  return (
    <Page
      title={t('title')}
      lead={t(mayImport === false ? 'leadOfOthers' : 'lead')}
      actions={<ImportButton look="primary" text={t('import')} />}
    >
      <SearchField label={t('search')} value={words} onChange={setWords} />
      <ProblemNote problem={problemOf(error)} />
      {!data && <RowsWaiting count={6} />}
      <UnsavedList />
      {ORIGINS.map((origin) => {
        const workflows = found?.filter((workflow) => originOf(workflow) === origin) ?? [];
        if (origin === 'own' && mayImport && found && workflows.length === 0 && !sought)
          return (
            <Section key={origin} title={t('origins.own')}>
              <Nothing>{t('noneOwn')}</Nothing>
            </Section>
          );
        return (
          workflows.length > 0 && (
            <Section key={origin} title={t(`origins.${origin}`)}>
              <Rows label={t(`origins.${origin}`)}>
                {workflows.map((workflow) => (
                  <WorkflowRow key={workflow.id} workflow={workflow} isOwn={origin === 'own'} />
                ))}
              </Rows>
            </Section>
          )
        );
      })}
      <div role="status">{found?.length === 0 && <Nothing>{t('nothingFound')}</Nothing>}</div>
    </Page>
  );
}
