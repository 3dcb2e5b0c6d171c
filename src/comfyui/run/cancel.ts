/** Takes one prompt out of a ComfyUI and makes sure of it. Touches no other: never the interrupt that names no prompt. */
import { sleep } from '../transport/backoff.js';
import { Outage } from '../transport/outage.js';
import type { ComfyUITimings } from '../transport/timings.js';
import { isKnown, look, type Records } from './prompt-location.js';

const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;

export type Canceling = Records & {
  dequeue(promptId: string, signal: AbortSignal): Promise<void>;
  interrupt(promptId: string, signal: AbortSignal): Promise<void>;
};

/**
 * `ended`: it is in the history, perhaps as a success that was faster. `gone`: it is nowhere; a prompt that was deleted while
 * pending leaves nothing behind. Goes on while ComfyUI does not answer or a node does not listen, until the signal aborts.
 */
export async function cancel(
  comfyui: Canceling,
  promptId: string,
  timings: ComfyUITimings,
  signal: AbortSignal,
): Promise<'gone' | 'ended'> {
  const { inFlightTimeoutMs } = timings;
  const outage = new Outage(signal, timings);
  let pause = FIRST_LOOK_MS;
  let wasKnown = false;
  let absentSince: number | undefined;
  for (;;) {
    const place = await outage.outlast(() => look(comfyui, promptId, signal));
    if (place.pending > 0) await outage.outlast(() => comfyui.dequeue(promptId, signal));
    // Only where it is seen running. ComfyUI forgets an interrupt that comes just as a prompt starts, so it is told again.
    if (place.running) await outage.outlast(() => comfyui.interrupt(promptId, signal));
    const isQueued = place.running || place.pending > 0;
    if (place.entry && !isQueued) return 'ended';

    if (isKnown(place)) wasKnown = true;
    else if (wasKnown || (absentSince !== undefined && place.askedAt - absentSince >= inFlightTimeoutMs)) return 'gone';
    else absentSince ??= place.answeredAt;
    await sleep(
      wasKnown || absentSince === undefined ? pause : absentSince + inFlightTimeoutMs - performance.now(),
      signal,
    );
    pause = Math.min(LONGEST_LOOK_MS, pause * 2);
  }
}
