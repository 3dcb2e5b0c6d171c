/** Where a prompt is, as ComfyUI's records say it. What its socket says is only a reason to look. */
import type { HistoryEntry, Queue } from '../protocol/protocol.js';

export type Records = {
  queue(signal?: AbortSignal): Promise<Queue>;
  history(promptId: string, signal?: AbortSignal): Promise<HistoryEntry | undefined>;
};

export type Place = {
  running: boolean;
  /** How many copies wait: the same id may have been posted twice. */
  pending: number;
  entry: HistoryEntry | undefined;
  /** The client id it was sent under, if it is queued. */
  clientId: string | undefined;
  /** Milliseconds of `performance`: when it was asked, and when the last answer was there. */
  askedAt: number;
  answeredAt: number;
};

/**
 * `/queue` first, then `/history`: a prompt moves from one to the other in one step, so one that is in neither was in neither.
 * The other order can miss a prompt that moves in between. Throws UnreachableError: then nothing is known.
 */
export async function look(records: Records, promptId: string, signal?: AbortSignal): Promise<Place> {
  const askedAt = performance.now();
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
    askedAt,
    answeredAt: performance.now(),
  };
}

export const isKnown = ({ running, pending, entry }: Place): boolean => running || pending > 0 || entry !== undefined;
