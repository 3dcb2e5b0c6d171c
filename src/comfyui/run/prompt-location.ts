/** Where a prompt is according to ComfyUI's queue and history. The socket's messages only say when to check. */
import type { HistoryEntry, Queue } from '../protocol/protocol.js';

export type PromptRecords = {
  queue(signal?: AbortSignal): Promise<Queue>;
  history(promptId: string, signal?: AbortSignal): Promise<HistoryEntry | undefined>;
};

export type PromptLocation = {
  running: boolean;
  /** The number of pending copies: the same id may have been submitted twice. */
  pending: number;
  entry: HistoryEntry | undefined;
  /** The client id that it was submitted under, if it is queued. */
  clientId: string | undefined;
  /** When the first request was sent, as milliseconds of `performance.now()`. */
  requestedAt: number;
  /** When the last response had arrived. */
  respondedAt: number;
};

/**
 * Requests `/queue` and `/history`, and `/history` again if neither has the prompt. ComfyUI moves a prompt from the first to the second in one
 * step, so a prompt that is in neither response, in this order, was in neither record. In the other order a prompt that moves in between
 * would be missed.
 * @throws UnreachableError, and then nothing is known
 */
export async function locatePrompt(
  records: PromptRecords,
  promptId: string,
  signal?: AbortSignal,
): Promise<PromptLocation> {
  const requestedAt = performance.now();
  const [queue, early] = await Promise.all([records.queue(signal), records.history(promptId, signal)]);
  const running = queue.queue_running.filter(([, id]) => id === promptId);
  const pending = queue.queue_pending.filter(([, id]) => id === promptId);
  const isMissing = !early && running.length + pending.length === 0;
  const entry = isMissing ? await records.history(promptId, signal) : early;
  const clientId = (running[0] ?? pending[0])?.[3].client_id;
  return {
    running: running.length > 0,
    pending: pending.length,
    entry,
    clientId: typeof clientId === 'string' ? clientId : undefined,
    requestedAt,
    respondedAt: performance.now(),
  };
}

/** Whether ComfyUI knows the prompt. */
export const isKnown = ({ running, pending, entry }: PromptLocation): boolean =>
  running || pending > 0 || entry !== undefined;
