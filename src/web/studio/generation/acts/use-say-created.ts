/** Tells screen readers that generations are in the queue: eyes see their cards. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '../../ui/attention/announce';

export function useSayCreated(): (count: number) => void {
  const { t } = useTranslation('generation');
  return useCallback(
    (count) => {
      if (count > 0) announce(t('created', { count }));
    },
    [t],
  );
}
