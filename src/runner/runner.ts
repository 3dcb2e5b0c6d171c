/**
 * Gives jobs to backends that have a free place, and holds each by a lease while it is worked on. Knows ids, leases and signals; what a
 * job does is told to it.
 */
import { randomUUID } from 'node:crypto';
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../backends/backends.js';
import type { ComfyUI } from '../comfyui/index.js';
import type { Job } from './claims.js';
import * as claims from './claims.js';
import type { Replica } from './replica.js';

/** How many jobs a backend has in its own queue: one that runs, and one so that it need not wait for us. */
const DEPTH = 2;
const HEARTBEAT_EVERY_MS = 3_000;
const SWEEP_EVERY_MS = 1_000;

/** Why a job's signal is aborted while its generation goes on: another process has taken it, or this one shuts down. */
export class LetGoError extends Error {
  override name = 'LetGoError';
}

export type JobTools = {
  comfyui: ComfyUI;
  /** Aborted with a LetGoError: stop at once, and touch nothing more. */
  signal: AbortSignal;
  /** Aborted once the user wants the generation stopped or deleted. */
  unwanted: AbortSignal;
};

/** Ends when the prompt is ended; throws a LetGoError when it was told to let go, and anything else as a fault of its own. */
export type Work = (job: Job, tools: JobTools) => Promise<void>;

type Running = { job: Job; letGo: AbortController; unwanted: AbortController; done: Promise<void> };

export class Runner {
  readonly #running = new Map<string, Running>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isOpen = false;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;
  #sweeping: Promise<void> | undefined;
  #beating: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly replica: Replica,
    private readonly backends: Backends,
    private readonly work: Work,
    private readonly onMoved: (moved: { id: string; userId: string }) => void,
    private readonly logger: Logger,
  ) {}

  open(): void {
    this.#isOpen = true;
    this.backends.onOnline(() => this.wake());
    this.#timers.push(
      setInterval(() => this.#sweep(), SWEEP_EVERY_MS),
      setInterval(() => this.#beat(), HEARTBEAT_EVERY_MS),
    );
    this.#sweep();
  }

  /** Stops taking jobs, stops working on those it has, and lets them go. ComfyUI goes on with them; whoever is next adopts. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#claiming, this.#sweeping, this.#beating]);
    const held = [...this.#running.values()];
    for (const { letGo } of held) letGo.abort(new LetGoError('The server is shutting down'));
    await Promise.all(held.map(({ done }) => done));
  }

  /** There may be something to do: a new job, or a free place. */
  wake(): void {
    if (!this.#isOpen) return;
    this.#claimAgain = true;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = undefined;
    });
  }

  /** The user wants it stopped. A hint: the heartbeat would notice too. */
  stop(generationId: string): void {
    for (const { job, unwanted } of this.#running.values()) if (job.id === generationId) unwanted.abort();
  }

  async #claim(): Promise<void> {
    try {
      while (this.#claimAgain && this.#isOpen) {
        this.#claimAgain = false;
        for (const { id } of this.backends.online()) await this.#fill(id);
      }
    } catch (error) {
      this.logger.error({ err: error }, 'could not claim a job');
    }
  }

  async #fill(backendId: string): Promise<void> {
    while (this.#isOpen) {
      const promptId = randomUUID();
      const job = await claims.claim(this.#em(), { backendId, depth: DEPTH, promptId, holder: this.replica.number });
      if (!job) return;
      this.#start(job);
    }
  }

  #sweep(): void {
    this.#sweeping ??= this.#takeOver().finally(() => {
      this.#sweeping = undefined;
    });
    this.wake();
  }

  async #takeOver(): Promise<void> {
    try {
      const backendIds = this.backends.ids();
      const running = [...this.#running.keys()];
      for (const job of await claims.takeOver(this.#em(), this.replica.number, backendIds, running)) this.#start(job);
      for (const moved of await claims.abandon(this.#em(), backendIds)) this.onMoved(moved);
    } catch (error) {
      this.logger.error({ err: error }, 'could not look for jobs that nobody holds');
    }
  }

  #beat(): void {
    this.#beating ??= this.#renew().finally(() => {
      this.#beating = undefined;
    });
  }

  async #renew(): Promise<void> {
    if (this.#running.size === 0) return;
    try {
      const held = [...this.#running.values()];
      const jobs = held.map(({ job }) => job);
      const pulses = new Map(
        (await claims.renew(this.#em(), this.replica.number, jobs)).map((pulse) => [pulse.promptId, pulse]),
      );
      for (const { job, letGo, unwanted } of held) {
        const pulse = pulses.get(job.promptId);
        if (!pulse) letGo.abort(new LetGoError('Another process has taken this job'));
        else if (pulse.isUnwanted) unwanted.abort();
      }
    } catch (error) {
      this.logger.error({ err: error }, 'could not renew the leases');
    }
  }

  #start(job: Job): void {
    const backend = this.backends.get(job.backendId);
    if (!backend) return;
    const running = { job, letGo: new AbortController(), unwanted: new AbortController() };
    const logger = this.logger.child({ generation: job.id, prompt: job.promptId, attempt: job.attempt });
    const done = this.work(job, {
      comfyui: backend.comfyui,
      signal: running.letGo.signal,
      unwanted: running.unwanted.signal,
    })
      .catch(async (error) => {
        const isFault = !(error instanceof LetGoError);
        if (isFault) logger.error({ err: error }, 'a job broke, and is let go');
        await claims.release(this.#em(), job, isFault);
      })
      .catch((error) => logger.error({ err: error }, 'could not let a job go: its lease will run out'))
      .finally(() => {
        this.#running.delete(job.promptId);
        this.wake();
      });
    this.#running.set(job.promptId, { ...running, done });
  }

  /** Each statement has a unit of work of its own. */
  #em(): SqlEntityManager {
    return this.orm.em.fork();
  }
}
