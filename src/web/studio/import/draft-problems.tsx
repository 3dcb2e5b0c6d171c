/** What could not be carried over from an imported workflow. */
import { useTranslation } from 'react-i18next';
import { Notice } from '../ui/notice';
import type { Draft } from '../workflows/draft';

export function DraftProblems({ problems }: Pick<Draft, 'problems'>) {
  const { t } = useTranslation('import');
  if (problems.length === 0) return null;
  return (
    <Notice title={t('problems')}>
      <ul>
        {problems.map(({ nodeId, nodeType, message }) => (
          <li key={`${nodeId} ${message}`}>
            {nodeType ? `${nodeType}: ` : ''}
            {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
