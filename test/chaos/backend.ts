/** A simulator at an address of its own that is killed, misled and started again there; what it did is in its journal. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Action, ActionName, FaultOptions, JournalLine, Point } from '../../src/simulator/index.js';
import { until } from '../support/until.js';
import type { Random } from './random.js';
import { pauseBetween, Slot, type Span } from './slot.js';

/** At this step of the sampler the backend raises an error: whoever asks for fewer never comes to it. */
export const FAILING_STEP = 7;
const STEP_MS = '20';

export class Backend extends Slot {
  readonly address: string;
  /** While it ran without raising the error at the failing step: just started, or just healed. */
  readonly gaps: Span[] = [];
  readonly #journal: string;

  constructor(name: string, port: number, folder: string, random: Random, longestPauseMs: number) {
    const journal = join(folder, `${name}.jsonl`);
    super({
      name,
      args: ['dist/simulator/main.js'],
      env: {
        SIMULATOR_PORT: String(port),
        SIMULATOR_CONTROL: '1',
        SIMULATOR_STEP_MS: STEP_MS,
        SIMULATOR_DIRECTORY: join(folder, name),
        SIMULATOR_JOURNAL: journal,
      },
      line: /ComfyUI simulator: (http\S+)/,
      pause: pauseBetween(random, 0, Math.min(2_000, longestPauseMs)),
      onReady: () => this.#arm(this.lines().findLast(({ event }) => event === 'up')?.at ?? Date.now()),
    });
    this.#journal = journal;
    this.address = `http://127.0.0.1:${port}`;
  }

  at(point: Point, action: Action | ActionName, options: FaultOptions = {}): Promise<void> {
    return this.tell('faults', { point, action, ...options });
  }

  /** Takes back what was to go wrong; what always goes wrong does so again. */
  async heal(): Promise<void> {
    const healed = async () => {
      const from = Date.now();
      await this.tell('heal');
      await this.#arm(from);
      return true;
    };
    // It may be away just now.
    await until(() => healed().catch(() => false), `${this.name} is healed`);
  }

  async tell(path: string, body: object = {}): Promise<void> {
    const response = await this.#fetch(`/simulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${this.name} does not do this: ${await response.text()}`);
  }

  /** How many prompts it has, waiting or running. */
  async load(): Promise<number> {
    const { queue_running, queue_pending } = (await (await this.#fetch('/queue')).json()) as Record<string, unknown[]>;
    return (queue_running?.length ?? 0) + (queue_pending?.length ?? 0);
  }

  /** Of all its lives. */
  lines(): JournalLine[] {
    return existsSync(this.#journal) ? parse(readFileSync(this.#journal, 'utf8')) : [];
  }

  /** Where the journal ends now, for `since`. */
  get end(): number {
    return existsSync(this.#journal) ? statSync(this.#journal).size : 0;
  }

  since(end: number): JournalLine[] {
    const bytes = Buffer.alloc(Math.max(0, this.end - end));
    const file = openSync(this.#journal, 'r');
    try {
      readSync(file, bytes, 0, bytes.length, end);
    } finally {
      closeSync(file);
    }
    return parse(bytes.toString('utf8'));
  }

  async #arm(from: number): Promise<void> {
    await this.at('step', 'fail', { where: { step: FAILING_STEP }, times: null as unknown as number });
    this.gaps.push({ from, to: Date.now() });
  }

  #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.address + path, { ...init, signal: AbortSignal.timeout(5_000) });
  }
}

/** The last line of a process that was killed may be half a line. */
const parse = (text: string): JournalLine[] =>
  text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      return [];
    }
  });

/** The system gives none of these to whoever asks for any: one that is free now stays so while its backend is away. */
const [FIRST_PORT, LAST_PORT] = [20_000, 29_999];

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
