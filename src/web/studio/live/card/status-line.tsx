/** Where a generation is, in words. */
import { useTranslation } from 'react-i18next';
import type { Card } from '../../generation/fragments';
import { useWorkflowTitle } from '../../generation/use-title';
import { useWait } from '../../generation/use-wait';
import css from './live-card.module.css';
import { useLength } from './use-length';

export function StatusLine({ card }: { card: Card }) {
  const { t } = useTranslation(['live', 'generation']);
  const lengthOf = useLength();
  const workflowTitle = useWorkflowTitle();
  const { status, failure, progress, attempt, backend } = card;
  const wait = useWait()(card);
  switch (status) {
    case 'PENDING':
      return <p className={css.status}>{wait}</p>;
    case 'PROCESSING':
      return (
        <p className={css.status}>
          {joined(...(wait ? [wait] : progress ? words(progress) : [t('starting')]), again())}
        </p>
      );
    case 'CANCELING':
      return <p className={css.status}>{t('generation:status.CANCELING')}</p>;
    case 'CANCELED':
      return <p className={css.status}>{t('generation:status.CANCELED')}</p>;
    case 'FAILED':
      return (
        <p className={css.failure} title={failure?.message}>
          <strong>{t(`generation:failure.${failure?.code ?? 'INTERNAL'}`)}</strong>{' '}
          {failure?.code !== 'INTERNAL' && failure?.message}
        </p>
      );
    case 'COMPLETED':
      return (
        <p className={css.status}>{joined(card.prompt && workflowTitle(card.workflow), backend?.name, took(card))}</p>
      );
    default:
      return status satisfies never;
  }

  function words({ node, step, totalSteps }: NonNullable<Card['progress']>): (string | null)[] {
    return [
      node,
      step !== null && totalSteps !== null && totalSteps > 1 ? t('step', { step, total: totalSteps }) : null,
    ];
  }

  function again(): string | null {
    return attempt > 1 ? t('attempt', { number: attempt }) : null;
  }

  function took({ startedAt, completedAt }: Card): string | null {
    return startedAt && completedAt ? lengthOf((Date.parse(completedAt) - Date.parse(startedAt)) / 1000) : null;
  }
}

const joined = (...parts: (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ');
