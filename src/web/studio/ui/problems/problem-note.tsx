/** Says why something failed. */
import type { ReactNode } from 'react';
import type { Problem } from '../../api/errors';
import css from './problem-note.module.css';
import { useProblemText } from './use-problem-text';

type ProblemNoteProps = {
  problem: Problem | undefined;
  /** Words for problems, by their codes. */
  texts?: Partial<Record<string, string>>;
};

export function ProblemNote({ problem, texts = {} }: ProblemNoteProps) {
  const explain = useProblemText();
  return problem && <ProblemWords>{texts[problem.code] ?? explain(problem)}</ProblemWords>;
}

export const ProblemWords = ({ children }: { children: ReactNode }) => (
  <p className={css.problem} role="alert">
    {children}
  </p>
);
