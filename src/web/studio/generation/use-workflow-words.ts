/** The title and the description of a workflow: those of the page, in its language, for a built-in one. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { BuiltInTexts } from './built-in.en';

type Named = { name: string; title: string; description?: string | null; createdAt: string | null };
export type WorkflowWords = { title: string; description: string | undefined };

export function useWorkflowWords(): (workflow: Named) => WorkflowWords {
  const { t } = useTranslation('generation');
  return useCallback(
    ({ name, title, description, createdAt }) => {
      const builtIn = createdAt === null ? (t('builtIn', { returnObjects: true }) as BuiltInTexts) : {};
      return { title, description: description ?? undefined, ...builtIn[name] };
    },
    [t],
  );
}
