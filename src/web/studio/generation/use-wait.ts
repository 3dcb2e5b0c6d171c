/** Why a generation does not execute, or does not continue, in words: the same on its card and in the large view. */
import { useTranslation } from 'react-i18next';
import type { Card } from './fragments';

type Waiting = Pick<Card, 'status' | 'startedAt' | 'queuePosition' | 'waitReason'>;

/** @returns a function whose result is undefined for a generation that waits for nothing */
export function useWait(): (card: Waiting) => string | undefined {
  const { t } = useTranslation('generation');
  return ({ status, startedAt, queuePosition, waitReason }) => {
    if (status !== 'PENDING' && status !== 'PROCESSING') return undefined;
    if (startedAt) return waitReason === null ? undefined : t('waiting.LOST');
    if (waitReason && waitReason !== 'TURN') return t(`waiting.${waitReason}`);
    if (queuePosition === 0) return t('queue.next');
    if (queuePosition !== null) return t('queue.before', { count: queuePosition });
    return status === 'PENDING' ? t('status.PENDING') : t('queue.again');
  };
}
