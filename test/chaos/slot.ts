/** A process that is started again whenever it has ended, as a supervisor does it, until the slot is closed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ending, Processes, said, type TestProcess } from '../support/process.js';
import { until } from '../support/until.js';
import type { Random } from './random.js';

export type SlotOptions = {
  name: string;
  args: string[];
  env: Record<string, string>;
  /** What it says once it is ready, with its address. */
  line: RegExp;
  /** How long it stays away. */
  pause: () => number;
  /** It is ready, and nobody has been told yet. */
  onReady?: (url: string) => Promise<void>;
};

/** Both ends in milliseconds since 1970. */
export type Span = { from: number; to: number };

export class Slot {
  /** Endings that nobody asked for: not by a signal that ends at once, nor well after SIGTERM. */
  readonly faults: string[] = [];
  /** When its lives ended, and how; in milliseconds since 1970. */
  readonly endings: { at: number; how: string }[] = [];
  /** When it was frozen. */
  readonly freezes: Span[] = [];
  readonly #options: SlotOptions;
  readonly #lives: TestProcess[] = [];
  #url: string | undefined;
  #isFrozen = false;
  #isStopping = false;
  #isClosing = false;
  #running: Promise<void> | undefined;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Undefined while it is not ready. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Whether it is at work: neither away, nor frozen, nor about to stop. */
  get isAtWork(): boolean {
    return this.#url !== undefined && !this.#isFrozen && !this.#isStopping;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** The process that lives now, or lived last. @throws Error before the first */
  get process(): TestProcess {
    const process = this.#lives.at(-1);
    if (!process) throw new Error(`${this.name} was never started`);
    return process;
  }

  /** What its lives have logged that contains this. */
  linesWith(text: string): string[] {
    return this.#lives.flatMap(({ logs }) => logs.split('\n').filter((line) => line.includes(text)));
  }

  open(): void {
    this.#running ??= this.#run();
  }

  ready(): Promise<string> {
    return until(() => this.#url, `${this.name} is ready`);
  }

  /** Stands still for so long: its sockets stay open, and nothing of it moves. */
  async freeze(ms: number): Promise<void> {
    const { process } = this;
    const from = Date.now();
    this.#isFrozen = true;
    process.kill('SIGSTOP');
    await sleep(ms);
    process.kill('SIGCONT');
    this.#isFrozen = false;
    this.freezes.push({ from, to: Date.now() });
  }

  /** Asks it to stop, and waits until it has. */
  async terminate(): Promise<void> {
    const { process } = this;
    this.#isStopping = true;
    process.kill('SIGTERM');
    await process.ended;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#lives.at(-1)?.kill('SIGKILL');
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      // One for each life: what has ended must not be killed later, when its number is another's.
      const process = new Processes().spawn(this.#options.args, { env: this.#options.env });
      this.#lives.push(process);
      this.#isStopping = false;
      const ended = process.ended.then((ending) => {
        this.#url = undefined;
        return ending;
      });
      try {
        const url = await said(process, this.#options.line);
        await this.#options.onReady?.(url);
        if (this.#lives.at(-1) === process && !this.#isClosing) this.#url = url;
      } catch {
        // It was ended before it was ready, or is of no use.
        process.kill('SIGKILL');
      }
      this.#judge(await ended, process);
      this.#url = undefined;
      if (!this.#isClosing) await sleep(this.#options.pause());
    }
  }

  #judge({ code, signal }: Ending, { logs }: TestProcess): void {
    this.endings.push({ at: Date.now(), how: signal ?? `code ${code}` });
    if (signal === 'SIGKILL' || code === 0) return;
    this.faults.push(`${this.name} ended with ${signal ?? code}: ${logs.trim().split('\n').slice(-5).join('\n')}`);
  }
}

export const pauseBetween = (random: Random, least: number, most: number) => () => random.between(least, most);
