/** Tells the user why something did not work. */
import { useCallback } from 'react';
import type { Problem } from '../../api/errors';
import { say } from '../toast';
import { useProblemText } from './use-problem-text';

export function useSayProblem(): (problem: Problem | undefined) => void {
  const explain = useProblemText();
  return useCallback(
    (problem) => {
      // Who is signed out sees that.
      if (!problem || problem.code === 'UNAUTHENTICATED') return;
      say(explain(problem), { type: 'problem' });
    },
    [explain],
  );
}
