/** Why something failed, in the words of the user's language where there are some. */
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../api/errors';
import css from './problem-note.module.css';

const COMMON = ['NETWORK', 'RATE_LIMITED', 'COMFYUI_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const;

type Texts = Partial<Record<string, string>>;

/** @returns a function that puts a problem into words. @param texts by the code of the problem */
export function useExplain(texts: Texts = {}): (problem: Problem) => string {
  const { t } = useTranslation('shell');
  return ({ code, message }) => {
    const common = COMMON.find((each) => each === code);
    return texts[code] ?? (common ? t(`error.${common}`) : message);
  };
}

export function ProblemNote({ problem, texts }: { problem: Problem | undefined; texts?: Texts }) {
  const explain = useExplain(texts);
  return (
    problem && (
      <p className={css.problem} role="alert">
        {explain(problem)}
      </p>
    )
  );
}
