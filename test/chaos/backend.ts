/** A simulator process with a fixed address and a journal, which tests kill, disturb and restart. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Action, ActionName, FaultOptions, JournalLine, Point } from '../../src/simulator/index.js';
import { until } from '../support/until.js';
import { type BackendFeature, COMMON } from './backend-features.js';
import type { Random } from './random.js';
import { pauseBetween, type Span, SupervisedProcess } from './supervised-process.js';

/** The backend raises an error at this sampler step; generations with fewer steps never reach it. */
export const FAILING_STEP = 7;
const STEP_MS = '20';
const ALWAYS = { times: null as unknown as number };
/** ComfyUI's error on a GPU that stays broken until a reset. */
const BROKEN_GPU = {
  do: 'fail',
  type: 'torch.AcceleratorError',
  message: 'CUDA error: an illegal memory access was encountered',
} as const;
/** An undeclared input with a link to a missing node is accepted and ends the worker. */
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
  features: readonly BackendFeature[];
  env: Record<string, string>;
};

export class Backend extends SupervisedProcess {
  readonly address: string;
  /** Spans in which it did not raise the error at the failing step: right after a start or a heal. */
  readonly unarmed: Span[] = [];
  /** Spans in which it failed every prompt. */
  readonly failures: { from: number; to?: number }[] = [];
  /** Prompts that were not submitted by a server under test. */
  readonly strangers = new Set<string>();
  /** Whether a fault is reserved for it. */
  isTaken = false;
  readonly features: readonly BackendFeature[];
  readonly #journal: string;

  constructor({ name, port, folder, random, longestPauseMs, features, env }: BackendOptions) {
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
        ...env,
        ...Object.assign({}, ...features.map(({ env }) => env)),
      },
      line: /ComfyUI simulator: (http\S+)/,
      pause: pauseBetween(random, 0, Math.min(2_000, longestPauseMs)),
      onReady: () => this.#arm(this.lines().findLast(({ event }) => event === 'up')?.at ?? Date.now()),
    });
    this.#journal = journal;
    this.features = features;
    this.address = `http://127.0.0.1:${port}`;
  }

  at(point: Point, action: Action | ActionName, options: FaultOptions = {}): Promise<void> {
    return this.control('faults', { point, action, ...options });
  }

  /** Fails every prompt from now on, even after `heal`. */
  async fail(): Promise<void> {
    this.failures.push({ from: Date.now() });
    await this.at('node', BROKEN_GPU, ALWAYS);
  }

  async stopFailing(): Promise<void> {
    const failure = this.failures.at(-1);
    if (failure) failure.to = Date.now();
    await this.heal();
  }

  /** Kills the worker by a foreign prompt. */
  async killWorker(): Promise<void> {
    const id = randomUUID();
    this.strangers.add(id);
    await this.#fetch('/prompt', { method: 'POST', body: JSON.stringify({ prompt: DEADLY, prompt_id: id }) });
  }

  /** Removes all faults and arms the permanent ones again. */
  async heal(): Promise<void> {
    const healed = async () => {
      const from = Date.now();
      await this.control('heal');
      await this.#arm(from);
      return true;
    };
    // The backend may be down at this moment.
    await until(() => healed().catch(() => false), `${this.name} to be healed`);
  }

  async control(path: string, body: object = {}): Promise<void> {
    const response = await this.#fetch(`/simulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${this.name} rejected the call: ${await response.text()}`);
  }

  get isFailing(): boolean {
    const failure = this.failures.at(-1);
    return failure !== undefined && failure.to === undefined;
  }

  /** The number of pending and running prompts. */
  async load(): Promise<number> {
    const { queue_running, queue_pending } = (await (await this.#fetch('/queue')).json()) as Record<string, unknown[]>;
    return (queue_running?.length ?? 0) + (queue_pending?.length ?? 0);
  }

  /** Journal lines across all restarts. */
  lines(): JournalLine[] {
    return existsSync(this.#journal) ? parse(readFileSync(this.#journal, 'utf8')) : [];
  }

  /** The journal's current size, for `since`. */
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
    this.unarmed.push({ from, to: Date.now() });
  }

  #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.address + path, { ...init, signal: AbortSignal.timeout(5_000) });
  }
}

/** The last line of a killed process may be incomplete. */
const parse = (text: string): JournalLine[] =>
  text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      return [];
    }
  });
