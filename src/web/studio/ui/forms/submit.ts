/** The state of a form or button that is sent: whether it is under way, and why it failed. */
import { useState } from 'react';
import type { Problem } from '../../api/errors';

type Submit = {
  isBusy: boolean;
  problem: Problem | undefined;
  /** @returns whether the work succeeded */
  submit(work: () => Promise<Problem | undefined>): Promise<boolean>;
  /** Forgets the problem. */
  reset(): void;
};

export function useSubmit(): Submit {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  return {
    isBusy,
    problem,
    async submit(work) {
      setIsBusy(true);
      const found = await work();
      setIsBusy(false);
      setProblem(found);
      return found === undefined;
    },
    reset: () => setProblem(undefined),
  };
}
