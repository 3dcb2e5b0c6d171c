/** What a generation is called: by its prompt, or by its workflow if it has none. */
import { useTranslation } from 'react-i18next';
import type { Card } from './fragments';
import { useWorkflowWords } from './use-workflow-words';

/** The name that the server gives to the workflow of a graph that was run once. */
const UNNAMED = /^graph-[0-9a-f]{40}/;

export function useTitle(): (card: Pick<Card, 'prompt' | 'workflow'>) => string {
  const workflowTitle = useWorkflowTitle();
  return ({ prompt, workflow }) => prompt || workflowTitle(workflow);
}

export function useWorkflowTitle(): (workflow: Pick<Card['workflow'], 'name' | 'title' | 'createdAt'>) => string {
  const { t } = useTranslation('generation');
  const wordsOf = useWorkflowWords();
  return (workflow) => (UNNAMED.test(workflow.name) ? t('unnamed') : wordsOf(workflow).title);
}
