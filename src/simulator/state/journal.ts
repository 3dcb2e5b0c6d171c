/** Counts what reached the simulator. It outlives restarts: a test asks it what really happened. */
import { appendFileSync } from 'node:fs';

export type PromptRecord = {
  /** `POST /prompt` that were accepted with this id. */
  received: number;
  /** How often a worker began it. */
  executed: number;
  succeeded: number;
  failed: number;
  interrupted: number;
  /** Taken out of the queue before it began. */
  deleted: number;
};

export type JournalSnapshot = {
  prompts: Record<string, PromptRecord>;
  /** `POST /interrupt` without a prompt id: it stops whatever runs, a stranger's prompt too. */
  globalInterrupts: number;
  /** `GET /view` → how often, without `/api`. */
  requests: Record<string, number>;
  sockets: number;
  restarts: number;
};

/** What a line of the file tells: what came of a prompt, a `POST /interrupt` without an id, that it came up, or that it went down and forgot. */
export type JournalEvent = keyof PromptRecord | 'interrupt' | 'up' | 'down';
/** `at` in milliseconds since 1970. */
export type JournalLine = { at: number; event: JournalEvent; promptId?: string };

export class Journal {
  globalInterrupts = 0;
  sockets = 0;
  restarts = 0;
  readonly #prompts = new Map<string, PromptRecord>();
  readonly #requests = new Map<string, number>();

  /** With a file, each event is also a line of JSON there: it outlives the process, and goes on with the next. */
  constructor(private readonly file?: string) {}

  /** Counts what came of a prompt. */
  note(event: keyof PromptRecord, promptId: string): void {
    this.prompt(promptId)[event] += 1;
    this.#write({ at: Date.now(), event, promptId });
  }

  interruptedAll(): void {
    this.globalInterrupts += 1;
    this.#write({ at: Date.now(), event: 'interrupt' });
  }

  /** A life begins, or has ended. */
  turned(event: 'up' | 'down'): void {
    this.#write({ at: Date.now(), event });
  }

  prompt(id: string): PromptRecord {
    const known = this.#prompts.get(id);
    if (known) return known;
    const record = { received: 0, executed: 0, succeeded: 0, failed: 0, interrupted: 0, deleted: 0 };
    this.#prompts.set(id, record);
    return record;
  }

  count(route: string): void {
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

  /** At once: whoever is killed writes nothing later. */
  #write(line: JournalLine): void {
    if (this.file !== undefined) appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
