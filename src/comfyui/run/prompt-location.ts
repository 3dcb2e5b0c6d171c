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
 * Requests `/queue`, then `/history`. ComfyUI moves a prompt from one to the other in one step, so a prompt that is in neither response was
 * in neither record. In the other order a prompt that moves in between would be missed.
 * @throws UnreachableError, and then nothing is known
 */
export async function locatePrompt(
  records: PromptRecords,
  promptId: string,
  signal?: AbortSignal,
): Promise<PromptLocation> {
  const requestedAt = performance.now();
  const queue = await records.queue(signal);
  const entry = await records.history(promptId, signal);
  const running = queue.queue_running.filter(([, id]) => id === promptId);
  const pending = queue.queue_pending.filter(([, id]) => id === promptId);
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
