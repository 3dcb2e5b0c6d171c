/** The prompts that wait, run and have ended, in memory only. Tells of every change; knows nothing of running them. */
import { isDeepStrictEqual } from 'node:util';
import type { HistoryEntry, QueueItem } from '../../comfyui/protocol/protocol.js';
import { heapify, pop, push } from '../python/heap.js';
import { PythonError } from '../python/python.js';

/** ComfyUI lets go of the oldest entry when there are more, so that it keeps one more than this. */
const MAX_HISTORY = 10_000;

/** Keys that only their maker may read: left out of the history. */
const SECRETS = ['auth_token_comfy_org', 'api_key_comfy_org'];

export class PromptQueue {
  #pending: QueueItem[] = [];
  #running = new Map<number, QueueItem>();
  #history = new Map<string, HistoryEntry>();
  #taken = 0;
  #arrived: (() => void) | undefined;

  /** `changed` is called at every change, with the numbers already new. */
  constructor(private readonly changed: () => void) {}

  /** How many prompts wait or run. */
  get remaining(): number {
    return this.#pending.length + this.#running.size;
  }

  get running(): QueueItem[] {
    return [...this.#running.values()];
  }

  /** In heap order. */
  get pending(): QueueItem[] {
    return [...this.#pending];
  }

  /** Throws what Python throws when two items cannot be told apart; the item is in the queue all the same. */
  put(item: QueueItem): void {
    push(this.#pending, item, isBefore);
    this.changed();
    this.#arrived?.();
  }

  /** Waits for an item and marks it as running. Resolves to undefined when the signal aborts. */
  async take(signal: AbortSignal): Promise<{ item: QueueItem; ticket: number } | undefined> {
    while (this.#pending.length === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#arrived = wake;
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      signal.removeEventListener('abort', wake);
    }
    if (signal.aborted) return undefined;
    const item = pop(this.#pending, isBefore);
    if (!item) return undefined;
    const ticket = this.#taken++;
    // A copy: running a graph changes it, and what is shown stays as it was sent.
    this.#running.set(ticket, structuredClone(item));
    this.changed();
    return { item, ticket };
  }

  /** Moves a running item to the history, in one step: it is never in both, never in neither. */
  done(ticket: number, result: Omit<HistoryEntry, 'prompt'>): void {
    const item = this.#running.get(ticket);
    this.#running.delete(ticket);
    if (!item) return;
    if (this.#history.size > MAX_HISTORY) {
      const oldest = this.#history.keys().next().value;
      if (oldest !== undefined) this.#history.delete(oldest);
    }
    for (const secret of SECRETS) delete item[3]?.[secret];
    this.#history.set(item[1], { prompt: item, ...result });
    this.changed();
  }

  clear(): void {
    this.#pending = [];
    this.changed();
  }

  /** Takes the first waiting item of this id out; one that runs is left alone. */
  delete(promptId: string): boolean {
    const at = this.#pending.findIndex((item) => item[1] === promptId);
    if (at < 0) return false;
    if (this.#pending.length === 1) this.clear();
    else {
      this.#pending.splice(at, 1);
      heapify(this.#pending, isBefore);
    }
    this.changed();
    return true;
  }

  /** Oldest first; with `maxItems` alone the newest ones, with `offset` from there on. */
  history({ maxItems, offset = -1 }: { maxItems?: number | undefined; offset?: number | undefined } = {}) {
    const all = [...this.#history];
    const from = offset < 0 && maxItems !== undefined ? all.length - maxItems : offset;
    const rest = all.slice(Math.max(from, 0));
    // Python looks at the limit after it took an entry, so that a limit of 0 or less takes one if there is one.
    return new Map(maxItems === undefined ? rest : rest.slice(0, Math.max(maxItems, 1)));
  }

  entry(promptId: string): HistoryEntry | undefined {
    return this.#history.get(promptId);
  }

  forget(promptId?: string): void {
    if (promptId === undefined) this.#history.clear();
    else this.#history.delete(promptId);
  }
}

/** How Python compares the tuples: number, id, and then objects, which it cannot compare unless they are equal. */
function isBefore(a: QueueItem, b: QueueItem): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  if (!isDeepStrictEqual(a[2], b[2]) || !isDeepStrictEqual(a[3], b[3])) {
    throw new PythonError('TypeError', "'<' not supported between instances of 'dict' and 'dict'");
  }
  return a[4].join('\n') < b[4].join('\n');
}
