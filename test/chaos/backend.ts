/** A simulator at an address of its own that is killed, misled and started again there; what it did is in its journal. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Action, ActionName, FaultOptions, JournalLine, Point } from '../../src/simulator/index.js';
import { until } from '../support/until.js';
import type { Random } from './random.js';
import { COMMON, type Rarity } from './rarities.js';
import { pauseBetween, Slot, type Span } from './slot.js';

/** At this step of the sampler the backend raises an error: whoever asks for fewer never comes to it. */
export const FAILING_STEP = 7;
const STEP_MS = '20';
const ALWAYS = { times: null as unknown as number };
/** What ComfyUI raises on a GPU that is broken until it is reset. */
const BROKEN_GPU = {
  do: 'fail',
  type: 'torch.AcceleratorError',
  message: 'CUDA error: an illegal memory access was encountered',
} as const;
/** An undeclared input that is linked to a node that is not there: it is accepted, and ends the worker. */
const DEADLY = {
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0], extra: ['99', 0] } },
};

export type BackendOptions = {
  name: string;
  port: number;
  folder: string;
  random: Random;
  longestPauseMs: number;
  rarities: readonly Rarity[];
};

export class Backend extends Slot {
  readonly address: string;
  /** While it ran without raising the error at the failing step: just started, or just healed. */
  readonly gaps: Span[] = [];
  /** While it failed every prompt. */
  readonly failures: { from: number; to?: number }[] = [];
  /** Prompts that no server of ours has sent. */
  readonly strangers = new Set<string>();
  /** Something goes wrong with it already. */
  isTaken = false;
  readonly rarities: readonly Rarity[];
  readonly #journal: string;

  constructor({ name, port, folder, random, longestPauseMs, rarities }: BackendOptions) {
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
        ...COMMON,
        ...Object.assign({}, ...rarities.map(({ env }) => env)),
      },
      line: /ComfyUI simulator: (http\S+)/,
      pause: pauseBetween(random, 0, Math.min(2_000, longestPauseMs)),
      onReady: () => this.#arm(this.lines().findLast(({ event }) => event === 'up')?.at ?? Date.now()),
    });
    this.#journal = journal;
    this.rarities = rarities;
    this.address = `http://127.0.0.1:${port}`;
  }

  at(point: Point, action: Action | ActionName, options: FaultOptions = {}): Promise<void> {
    return this.tell('faults', { point, action, ...options });
  }

  /** From now on, over all healing. */
  async fail(): Promise<void> {
    this.failures.push({ from: Date.now() });
    await this.at('node', BROKEN_GPU, ALWAYS);
  }

  async stopFailing(): Promise<void> {
    const failure = this.failures.at(-1);
    if (failure) failure.to = Date.now();
    await this.heal();
  }

  /** By a prompt of a stranger's. */
  async killWorker(): Promise<void> {
    const id = randomUUID();
    this.strangers.add(id);
    await this.#fetch('/prompt', { method: 'POST', body: JSON.stringify({ prompt: DEADLY, prompt_id: id }) });
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

  get isFailing(): boolean {
    const failure = this.failures.at(-1);
    return failure !== undefined && failure.to === undefined;
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
    await this.at('step', 'fail', { where: { step: FAILING_STEP }, ...ALWAYS });
    if (this.isFailing) await this.at('node', BROKEN_GPU, ALWAYS);
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
