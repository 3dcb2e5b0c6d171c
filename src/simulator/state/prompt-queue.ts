/** Pending, running and finished prompts, in memory only. */
import { isDeepStrictEqual } from 'node:util';
import type { HistoryEntry, QueueItem } from '../../comfyui/protocol/protocol.js';
import { heapify, pop, push } from '../python/heap.js';
import { PythonError } from '../python/python.js';

/** ComfyUI deletes the oldest entry when the history has more than this, so it keeps one more. */
const MAX_HISTORY = 10_000;

/** Secrets in the extra data; the history omits them. */
const SECRETS = ['auth_token_comfy_org', 'api_key_comfy_org'];

export class PromptQueue {
  #pending: QueueItem[] = [];
  #running = new Map<number, QueueItem>();
  #history = new Map<string, HistoryEntry>();
  #nextTicket = 0;
  #wake: (() => void) | undefined;

  /** Calls `onChange` after every change. */
  constructor(private readonly onChange: () => void) {}

  /** How many prompts are pending or running. */
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

  /** Throws Python's TypeError when two items cannot be compared. The item is in the queue nevertheless. */
  put(item: QueueItem): void {
    push(this.#pending, item, isBefore);
    this.onChange();
    this.#wake?.();
  }

  /** Waits for an item and marks it as running. Resolves to undefined when the signal aborts. */
  async take(signal: AbortSignal): Promise<{ item: QueueItem; ticket: number } | undefined> {
    while (this.#pending.length === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      signal.removeEventListener('abort', wake);
    }
    if (signal.aborted) return undefined;
    const item = pop(this.#pending, isBefore);
    if (!item) return undefined;
    const ticket = this.#nextTicket++;
    // A copy: execution changes the graph, but `GET /queue` returns it as it was submitted.
    this.#running.set(ticket, structuredClone(item));
    this.onChange();
    return { item, ticket };
  }

  /** Moves a running item to the history in one step: it is never in both and never in neither. */
  finish(ticket: number, result: Omit<HistoryEntry, 'prompt'>): void {
    const item = this.#running.get(ticket);
    this.#running.delete(ticket);
    if (!item) return;
    if (this.#history.size > MAX_HISTORY) {
      const oldest = this.#history.keys().next().value;
      if (oldest !== undefined) this.#history.delete(oldest);
    }
    for (const secret of SECRETS) delete item[3]?.[secret];
    this.#history.set(item[1], { prompt: item, ...result });
    this.onChange();
  }

  clear(): void {
    this.#pending = [];
    this.onChange();
  }

  /** Removes the first pending item with this id. Running items stay. */
  delete(promptId: string): boolean {
    const at = this.#pending.findIndex((item) => item[1] === promptId);
    if (at < 0) return false;
    if (this.#pending.length === 1) this.clear();
    else {
      this.#pending.splice(at, 1);
      heapify(this.#pending, isBefore);
    }
    this.onChange();
    return true;
  }

  /** Oldest first. `maxItems` alone returns the newest entries; `offset` counts from the oldest. */
  history({ maxItems, offset = -1 }: { maxItems?: number | undefined; offset?: number | undefined } = {}) {
    const all = [...this.#history];
    const from = offset < 0 && maxItems !== undefined ? all.length - maxItems : offset;
    const rest = all.slice(Math.max(from, 0));
    // ComfyUI checks the limit after it took an entry, so a limit of 0 or less returns one entry.
    return new Map(maxItems === undefined ? rest : rest.slice(0, Math.max(maxItems, 1)));
  }

  entry(promptId: string): HistoryEntry | undefined {
    return this.#history.get(promptId);
  }

  deleteHistory(promptId?: string): void {
    if (promptId === undefined) this.#history.clear();
    else this.#history.delete(promptId);
  }
}

/** Compares as Python compares tuples: by number, by id, then by objects, which Python can compare only when they are equal. */
function isBefore(a: QueueItem, b: QueueItem): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  if (!isDeepStrictEqual(a[2], b[2]) || !isDeepStrictEqual(a[3], b[3])) {
    throw new PythonError('TypeError', "'<' not supported between instances of 'dict' and 'dict'");
  }
  return a[4].join('\n') < b[4].join('\n');
}
