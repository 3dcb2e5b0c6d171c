/** What went wrong, as a sentence: ours where we have one, else that of the API. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../api/errors';

/** Codes whose message is for developers. */
const OWN_WORDS = ['NETWORK', 'RATE_LIMITED', 'COMFYUI_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const;

export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation();
  return useCallback(
    ({ code, message }) => {
      const own = OWN_WORDS.find((known) => known === code);
      return own ? t(`error.${own}`) : message;
    },
    [t],
  );
}
