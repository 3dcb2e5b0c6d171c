/** What went wrong, as a sentence: ours where we have one, else that of the API. */
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/errors';

const OURS = ['NETWORK', 'RATE_LIMITED', 'COMFYUI_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const;

export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation();
  return ({ code, message }) => {
    const ours = OURS.find((each) => each === code);
    return ours ? t(`error.${ours}`) : message;
  };
}
