/** A process that is restarted whenever it exits, until it is closed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ending, Processes, said, type TestProcess } from '../support/process.js';
import { until } from '../support/until.js';
import type { Random } from './random.js';

export type SupervisedProcessOptions = {
  name: string;
  args: string[];
  env: Record<string, string>;
  /** Matches the line that it prints when it is ready; captures the address. */
  line: RegExp;
  /** Delay before a restart, in milliseconds. */
  pause: () => number;
  /** Called when the process is ready, before `url` is set. */
  onReady?: (url: string) => Promise<void>;
};

/** Of its output: an uncaught error with its stack. */
const FAULT_LINES = 20;

/** Both ends in milliseconds since 1970. */
export type Span = { from: number; to: number };

export class SupervisedProcess {
  /** Unexpected exits: neither by SIGKILL nor with code 0, nor because another program had the port for a moment. */
  readonly faults: string[] = [];
  /** Times of all exits, in milliseconds since 1970, with the signal or code. */
  readonly exits: { at: number; how: string }[] = [];
  /** Spans in which it was frozen. */
  readonly freezes: Span[] = [];
  readonly #options: SupervisedProcessOptions;
  readonly #runs: TestProcess[] = [];
  #url: string | undefined;
  #isFrozen = false;
  #isStopping = false;
  #isClosing = false;
  #running: Promise<void> | undefined;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Undefined while it is not ready. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Whether it is ready, not frozen and not stopping. */
  get isAvailable(): boolean {
    return this.#url !== undefined && !this.#isFrozen && !this.#isStopping;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** The current or last process. @throws Error before the first start */
  get process(): TestProcess {
    const process = this.#runs.at(-1);
    if (!process) throw new Error(`${this.name} was never started`);
    return process;
  }

  /** Log lines of all its processes that contain the text. */
  linesWith(text: string): string[] {
    return this.#runs.flatMap(({ logs }) => logs.split('\n').filter((line) => line.includes(text)));
  }

  open(): void {
    this.#running ??= this.#run();
  }

  ready(): Promise<string> {
    return until(() => this.#url, `${this.name} to be ready`);
  }

  /** Stops the process with SIGSTOP for this long; its sockets stay open. */
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

  /** Sends SIGTERM and waits for the exit. */
  async terminate(): Promise<void> {
    const { process } = this;
    this.#isStopping = true;
    process.kill('SIGTERM');
    await process.ended;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#runs.at(-1)?.kill('SIGKILL');
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      // A new one for each process: a later kill must not hit a reused pid.
      const process = new Processes().spawn(this.#options.args, { env: this.#options.env });
      this.#runs.push(process);
      this.#isStopping = false;
      const ended = process.ended.then((ending) => {
        this.#url = undefined;
        return ending;
      });
      try {
        const url = await said(process, this.#options.line);
        await this.#options.onReady?.(url);
        if (this.#runs.at(-1) === process && !this.#isClosing) this.#url = url;
      } catch {
        // It exited before it was ready, or `onReady` failed.
        process.kill('SIGKILL');
      }
      this.#recordExit(await ended, process);
      this.#url = undefined;
      if (!this.#isClosing) await sleep(this.#options.pause());
    }
  }

  #recordExit({ code, signal }: Ending, { logs }: TestProcess): void {
    this.exits.push({ at: Date.now(), how: signal ?? `code ${code}` });
    if (signal === 'SIGKILL' || code === 0 || logs.includes('EADDRINUSE')) return;
    this.faults.push(
      `${this.name} ended with ${signal ?? code}: ${logs.trim().split('\n').slice(-FAULT_LINES).join('\n')}`,
    );
  }
}

export const pauseBetween = (random: Random, least: number, most: number) => () => random.between(least, most);
