/** Creates generations, one after the other, so that they queue in their order. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useConnection } from '../../api/connection';
import type { Problem } from '../../api/errors';
import { useSayCreated } from '../../generation/acts/use-say-created';
import { type CreateInput, useCreateGeneration } from '../../live/create-generation';

type Run = {
  /** Why the last generation was not created. */
  problem: Problem | undefined;
  isRunning: boolean;
  /** Ends at the first problem. @returns the problem; undefined if all were created */
  run(inputs: readonly CreateInput[]): Promise<Problem | undefined>;
  clear(): void;
};

export function useRun(): Run {
  const create = useCreateGeneration();
  const sayCreated = useSayCreated();
  const [problem, setProblem] = useState<Problem>();
  const [runs, setRuns] = useState(0);
  useUntilConnected(problem, () => setProblem(undefined));
  return {
    problem,
    isRunning: runs > 0,
    clear: () => setProblem(undefined),
    async run(inputs) {
      setProblem(undefined);
      setRuns((count) => count + 1);
      let found: Problem | undefined;
      let count = 0;
      for (const input of inputs) {
        found = await create(input);
        if (found) break;
        count += 1;
      }
      sayCreated(count);
      setProblem(found);
      setRuns((count) => count - 1);
      return found;
    },
  };
}

/** As long as somebody needs to read it. */
const STALE_MS = 6_000;

/** Calls `clear` when that there was no response is true no longer. */
function useUntilConnected(problem: Problem | undefined, clear: () => void): void {
  const connection = useConnection();
  const wasLost = useRef(false);
  const end = useEffectEvent(clear);
  useEffect(() => {
    if (problem?.code !== 'NETWORK') return;
    if (connection !== 'live') {
      wasLost.current = true;
      return;
    }
    const timer = setTimeout(end, wasLost.current ? 0 : STALE_MS);
    wasLost.current = false;
    return () => clearTimeout(timer);
  }, [problem, connection]);
}
