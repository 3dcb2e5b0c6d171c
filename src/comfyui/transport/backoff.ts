/** Delays between retries: exponential backoff with jitter, so that clients of one server do not retry in step. */
import { setTimeout } from 'node:timers/promises';

export type RetryDelays = {
  /** After the first failure. */
  retryDelayMs: number;
  /** The maximum, after any number of failures. */
  maxRetryDelayMs: number;
};

/** The delay after this many failures in a row: doubles up to the longest, of which half is random. */
export function backoffMs(failures: number, { retryDelayMs, maxRetryDelayMs }: RetryDelays): number {
  const full = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** Math.max(0, failures - 1));
  return full * (0.5 + Math.random() / 2);
}

/** Timers may fire early by part of a millisecond. */
const EARLY_MS = 1;

/** Waits at least `ms`. @throws the signal's reason as soon as it aborts */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(Math.max(0, Math.ceil(ms)) + EARLY_MS, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
