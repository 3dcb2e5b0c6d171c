/** Where a generation is, in words. */
import { useTranslation } from 'react-i18next';
import type { Card } from '../../generation/fragments';
import { useWorkflowTitle } from '../../generation/use-title';
import css from './live-card.module.css';
import { useLength } from './use-length';

export function StatusLine({ card }: { card: Card }) {
  const { t } = useTranslation(['live', 'generation']);
  const lengthOf = useLength();
  const workflowTitle = useWorkflowTitle();
  const { status, failure, waitReason, queuePosition, progress, attempt, backend } = card;
  const reason = waitReason && t(`generation:waiting.${waitReason}`);
  switch (status) {
    case 'PENDING':
      return (
        <p className={css.status}>
          {queuePosition === 0
            ? t('next')
            : queuePosition === null
              ? t('queued')
              : t('position', { count: queuePosition })}
          {reason && waitReason !== 'TURN' && `: ${reason}`}
        </p>
      );
    case 'PROCESSING':
      return (
        <p className={css.status}>{joined(...(progress ? words(progress) : [reason ?? t('starting')]), again())}</p>
      );
    case 'CANCELING':
      return <p className={css.status}>{t('generation:status.CANCELING')}</p>;
    case 'CANCELED':
      return <p className={css.status}>{t('generation:status.CANCELED')}</p>;
    case 'FAILED':
      return (
        <div className={css.failure}>
          <p>{t(`generation:failure.${failure?.code ?? 'INTERNAL'}`)}</p>
          {failure && failure.code !== 'INTERNAL' && (
            <p className={css.message} title={failure.message}>
              {failure.message}
            </p>
          )}
        </div>
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
