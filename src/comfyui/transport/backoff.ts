/** Waiting between tries: longer after each failure, and never in step with others who wait for the same server. */
import { setTimeout } from 'node:timers/promises';

export type RetryDelays = {
  /** After the first failure. */
  retryDelayMs: number;
  /** However many failed in a row. */
  longestRetryDelayMs: number;
};

/** How long to wait after so many failures in a row: doubling up to the longest, then half of it at random. */
export function backoffMs(failures: number, { retryDelayMs, longestRetryDelayMs }: RetryDelays): number {
  const full = Math.min(longestRetryDelayMs, retryDelayMs * 2 ** Math.max(0, failures - 1));
  return full * (0.5 + Math.random() / 2);
}

/** Timers may be early by a part of a millisecond. */
const EARLY_MS = 1;

/** Waits, never less; an abort throws the signal's reason at once. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(Math.max(0, Math.ceil(ms)) + EARLY_MS, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
