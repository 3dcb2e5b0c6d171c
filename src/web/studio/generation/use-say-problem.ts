/** Tells the user why something did not work. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/errors';
import { say } from '../ui/toast';

/** Codes whose message is for developers. */
const OWN_WORDS = ['NETWORK', 'RATE_LIMITED', 'COMFYUI_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const;

export function useSayProblem(): (problem: Problem | undefined) => void {
  const { t } = useTranslation();
  return useCallback(
    (problem) => {
      // Who is signed out sees that.
      if (!problem || problem.code === 'UNAUTHENTICATED') return;
      const code = OWN_WORDS.find((known) => known === problem.code);
      say(code ? t(`error.${code}`) : problem.message, { type: 'problem' });
    },
    [t],
  );
}
