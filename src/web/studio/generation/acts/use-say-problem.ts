/** Tells the user why something did not work. */
import { useCallback } from 'react';
import type { Problem } from '../../api/errors';
import { useProblemText } from '../../shell/use-problem-text';
import { say } from '../../ui/toast';

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
