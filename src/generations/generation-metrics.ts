/** What the operator's metrics learn of generations. Every call only counts: none waits, and none reads the database. */
import type { FailureCode } from './failure.js';
import type { GenerationStatus } from './status.js';

/** SQL: what `Ended` needs, of the row of `generations` that a statement has just moved. A transaction has one time, and the column milliseconds. */
export const ENDED = `coalesce(completed_at = now()::timestamptz(3), false) as "isEnded", failure->>'code' as "failureCode",
  case when workflow_id is null then workflow_name end as "builtIn"`;

/** A generation as a move left it. Metrics count it if that move ended it. */
export type Ended = {
  status: GenerationStatus;
  isEnded: boolean;
  failureCode: FailureCode | null;
  /** The name of its built-in workflow; null for any other, whose name a user chose. */
  builtIn: string | null;
};

/**
 * Queued: from its creation until the first claim. Submitting: from a claim until ComfyUI has the prompt. Executing: by ComfyUI's clock.
 * Saving: from the end in ComfyUI's history until it is COMPLETED.
 */
export type Phase = 'queued' | 'submitting' | 'executing' | 'saving';

export type GenerationMetrics = {
  created(): void;
  ended(end: Ended): void;
  spent(phase: Phase, seconds: number): void;
};
