/** Records what reached the simulator, across restarts. Tests compare it with what the gateway reports. */
import { appendFileSync } from 'node:fs';

export type PromptRecord = {
  /** How many `POST /prompt` were accepted with this id. */
  received: number;
  /** How often the worker started it. */
  executed: number;
  succeeded: number;
  failed: number;
  interrupted: number;
  /** How often it was deleted from the queue before it started. */
  deleted: number;
};

export type JournalSnapshot = {
  prompts: Record<string, PromptRecord>;
  /** `POST /interrupt` without a prompt id: it stops the running prompt, even that of another client. */
  globalInterrupts: number;
  /** Request count by route (`GET /view`), without the prefix `/api`. */
  requests: Record<string, number>;
  sockets: number;
  restarts: number;
};

/** A prompt's event, a `POST /interrupt` without an id (`interrupt`), or the server's start (`up`) or end (`down`). */
export type JournalEvent = keyof PromptRecord | 'interrupt' | 'up' | 'down';
/** `at` is in milliseconds since 1970. */
export type JournalLine = { at: number; event: JournalEvent; promptId?: string };

export class Journal {
  globalInterrupts = 0;
  sockets = 0;
  restarts = 0;
  readonly #prompts = new Map<string, PromptRecord>();
  readonly #requests = new Map<string, number>();

  /** With a file, each event is also appended there as a line of JSON. The file survives the process. */
  constructor(private readonly file?: string) {}

  record(event: keyof PromptRecord, promptId: string): void {
    this.prompt(promptId)[event] += 1;
    this.#append({ at: Date.now(), event, promptId });
  }

  recordGlobalInterrupt(): void {
    this.globalInterrupts += 1;
    this.#append({ at: Date.now(), event: 'interrupt' });
  }

  recordServer(event: 'up' | 'down'): void {
    this.#append({ at: Date.now(), event });
  }

  prompt(id: string): PromptRecord {
    const known = this.#prompts.get(id);
    if (known) return known;
    const record = { received: 0, executed: 0, succeeded: 0, failed: 0, interrupted: 0, deleted: 0 };
    this.#prompts.set(id, record);
    return record;
  }

  countRequest(route: string): void {
    this.#requests.set(route, (this.#requests.get(route) ?? 0) + 1);
  }

  requests(route: string): number {
    return this.#requests.get(route) ?? 0;
  }

  snapshot(): JournalSnapshot {
    const { globalInterrupts, sockets, restarts } = this;
    return {
      prompts: structuredClone(Object.fromEntries(this.#prompts)),
      globalInterrupts,
      requests: Object.fromEntries(this.#requests),
      sockets,
      restarts,
    };
  }

  /** Synchronous: a later write would be lost when the process is killed. */
  #append(line: JournalLine): void {
    if (this.file !== undefined) appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
