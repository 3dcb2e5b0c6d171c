/** What went wrong, as a sentence: ours where we have one, else that of the API. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { offlineReason } from '../../api/connection';
import type { Problem } from '../../api/errors';

/** Codes whose message is for developers. */
const OWN_WORDS = ['NETWORK', 'RATE_LIMITED', 'COMFYUI_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const;

export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation();
  return useCallback(
    ({ code, message, missing }) => {
      if (missing?.length) return t('missing.sentence', { names: missing.join(', ') });
      const reason = code === 'NETWORK' ? offlineReason() : undefined;
      // Sockets alone are no reason for a request.
      if (reason && reason !== 'socket') return t(`offline.${reason}`);
      const own = OWN_WORDS.find((known) => known === code);
      return own ? t(`error.${own}`) : message;
    },
    [t],
  );
}
