/** Cancels one prompt, and checks that it is gone. Never sends an interrupt without a prompt id, so no other prompt is affected. */
import { sleep } from '../transport/backoff.js';
import { Outage } from '../transport/outage.js';
import type { ComfyUITimings } from '../transport/timings.js';
import { isKnown, locatePrompt, type PromptRecords } from './prompt-location.js';

const FIRST_CHECK_DELAY_MS = 50;
const MAX_CHECK_DELAY_MS = 1_000;

export type CancelRoutes = PromptRecords & {
  dequeue(promptId: string, signal: AbortSignal): Promise<void>;
  interrupt(promptId: string, signal: AbortSignal): Promise<void>;
};

/**
 * Returns `ended` if the prompt is in the history, where it may have succeeded first. Returns `gone` if it is nowhere: a prompt that was
 * deleted while pending leaves no record. Keeps trying until the signal aborts if ComfyUI is unreachable or a node ignores interrupts.
 */
export async function cancel(
  comfyui: CancelRoutes,
  promptId: string,
  timings: ComfyUITimings,
  signal: AbortSignal,
): Promise<'gone' | 'ended'> {
  const { inFlightTimeoutMs } = timings;
  const outage = new Outage(signal, timings);
  let delayMs = FIRST_CHECK_DELAY_MS;
  let wasKnown = false;
  let absentSince: number | undefined;
  for (;;) {
    const location = await outage.outlast(() => locatePrompt(comfyui, promptId, signal));
    if (location.pending > 0) await outage.outlast(() => comfyui.dequeue(promptId, signal));
    // Sent on every check: ComfyUI ignores an interrupt that arrives while the prompt starts.
    if (location.running) await outage.outlast(() => comfyui.interrupt(promptId, signal));
    const isQueued = location.running || location.pending > 0;
    if (location.entry && !isQueued) return 'ended';

    if (isKnown(location)) wasKnown = true;
    else if (wasKnown || (absentSince !== undefined && location.requestedAt - absentSince >= inFlightTimeoutMs))
      return 'gone';
    else absentSince ??= location.respondedAt;
    await sleep(
      wasKnown || absentSince === undefined ? delayMs : absentSince + inFlightTimeoutMs - performance.now(),
      signal,
    );
    delayMs = Math.min(MAX_CHECK_DELAY_MS, delayMs * 2);
  }
}
