/**
 * Takes jobs, holds each by a lease while it runs, and releases it. The runner knows ids, leases and signals only: `work` runs a job, and
 * the dispatcher chooses the next job and its backend.
 *
 * The runner is closed, open or closing. While it is open, at most one claim, one sweep and one heartbeat are under way: a wake during a
 * claim makes it claim again, a sweep or heartbeat during another one is skipped. No job is claimed while a suspect runs here, nor while
 * a suspect waits for this process to have no other work. Closing waits for the three, then releases every run and awaits it.
 *
 * A run is active until the user wants the generation stopped (`unwanted`: it continues until its prompt has ended) or until it is released
 * (`release`: it stops and writes nothing more). When its work has ended, its lease is released unless the prompt has ended.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../backends/backends.js';
import { type ComfyUI, ComfyUIError } from '../comfyui/index.js';
import type { Channel } from '../db/channel.js';
import type { ClockWatch } from '../db/clock-watch.js';
import type { SqlRunner } from '../db/reads.js';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';
import type { RunningLimits } from './claims.js';
import { isDatabaseOutage } from './database-outage.js';
import { Dispatcher } from './dispatcher.js';
import type { Job } from './leases.js';
import * as leases from './leases.js';
import type { Replica } from './replica.js';
import { SubmissionOrder, type Turn } from './submission-order.js';

/** A new job wakes all replicas within this time, and not all at once: one of them is enough. */
const WAKE_JITTER_MS = 200;

/** Aborts a run whose generation continues: another process has taken the job, or this one shuts down. */
export class JobReleasedError extends Error {
  override name = 'JobReleasedError';
}

export type JobTools = {
  comfyui: ComfyUI;
  /** Aborted with a JobReleasedError: the run has to stop at once and write nothing more. */
  signal: AbortSignal;
  /** Aborted when the user wants the generation stopped or deleted. */
  unwanted: AbortSignal;
  /** Names the generation, the prompt and the attempt. */
  logger: Logger;
  /** Its turn to submit the prompt; it ends with the run. */
  turn: Turn;
};

/** Resolves when the prompt has ended. @throws JobReleasedError after its release, and anything else as a fault */
export type Work = (job: Job, tools: JobTools) => Promise<void>;

/**
 * Names a run. The response to a claim can arrive after the lease has expired and the sweep of this same process has taken the job over.
 * Then there are two runs of one prompt, and only the one with the higher fence holds it.
 */
const keyOf = ({ promptId, fence }: { promptId: string; fence: number }): string => `${promptId}:${fence}`;

type Run = { job: Job; release: AbortController; unwanted: AbortController; done: Promise<void> };

type RunnerParts = {
  orm: MikroORM;
  /** Runs the statements of each claim. */
  statements: SqlRunner;
  replica: Replica;
  channel: Channel;
  clock: ClockWatch;
  backends: Backends;
  limits: RunningLimits;
  work: Work;
  /** Called when the runner itself has changed a generation. */
  onMoved: (moved: { id: string; userId: string }) => void;
  timings: Timings;
  logger: Logger;
};

export class Runner {
  readonly #dispatcher: Dispatcher;
  readonly #runs = new Map<string, Run>();
  readonly #order = new SubmissionOrder();
  readonly #claims: Repeating;
  readonly #sweeps: Repeating;
  readonly #heartbeats: Repeating;
  #isOpen = false;
  /** A suspect waits until nothing else runs here. */
  #isSuspectWaiting = false;
  #shouldClaim = false;

  constructor(private readonly parts: RunnerParts) {
    this.#dispatcher = new Dispatcher(parts);
    const { sweepIntervalMs, heartbeatIntervalMs } = parts.timings;
    const repeat = (intervalMs: number, act: () => Promise<void>, what: string) =>
      new Repeating(intervalMs, act, what, parts.logger);
    this.#claims = repeat(sweepIntervalMs, () => this.#claimAll(), 'claim a job');
    this.#sweeps = repeat(sweepIntervalMs, () => this.#takeOver(), 'take over jobs without a holder');
    this.#heartbeats = repeat(heartbeatIntervalMs, () => this.#renewLeases(), 'renew the leases');
  }

  open(): void {
    this.#isOpen = true;
    const { backends, channel } = this.parts;
    backends.onOnline(() => this.wake());
    channel.on('work', () => void setTimeout(() => this.wake(), Math.random() * WAKE_JITTER_MS).unref());
    channel.on('stop', (generationId) => this.#stop(String(generationId)));
    // The process has a new boot number now, and any process may take what the old one held: the leases are renewed at once.
    channel.onOpen(() => this.#heartbeats.now());
    for (const each of [this.#sweeps, this.#claims, this.#heartbeats]) each.open();
    this.#sweeps.now();
    this.wake();
  }

  /** Stops claiming, and releases every run. ComfyUI continues with their prompts, and the next holder adopts them. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([this.#claims, this.#sweeps, this.#heartbeats].map((each) => each.close()));
    const runs = [...this.#runs.values()];
    for (const { release } of runs) release.abort(new JobReleasedError('The server is shutting down'));
    await Promise.all(runs.map(({ done }) => done));
  }

  /** Claims jobs: call it when there may be a new job or a free slot. */
  wake(): void {
    if (!this.#isOpen) return;
    this.#shouldClaim = true;
    this.#claims.now();
  }

  /** A job was created: wakes this replica at once, and the others soon. */
  announce(): void {
    this.wake();
    this.parts.channel.send('work');
  }

  /** Notifies the replica that runs the job that it is unwanted. If the message is lost, the heartbeat reads it from the database. */
  stop(generationId: string): void {
    this.#stop(generationId);
    this.parts.channel.send('stop', generationId);
  }

  #stop(generationId: string): void {
    for (const { job, unwanted } of this.#runs.values()) if (job.id === generationId) unwanted.abort();
  }

  async #claimAll(): Promise<void> {
    do {
      this.#shouldClaim = false;
      if (this.#mayClaim)
        for await (const job of this.#dispatcher.claims()) {
          this.#start(job);
          if (!this.#mayClaim) break;
        }
    } while (this.#shouldClaim && this.#isOpen);
  }

  get #mayClaim(): boolean {
    return this.#isOpen && !this.#isSuspectRunning && !this.#isSuspectWaiting;
  }

  async #takeOver(): Promise<void> {
    const { backends, replica, onMoved, timings } = this.parts;
    if (!this.#isSuspectRunning) {
      const takeover = {
        holder: replica.number,
        backendIds: backends.ids(),
        running: [...this.#runs.values()].map(({ job }) => job.promptId),
        leaseMs: timings.leaseMs,
      };
      for (const job of await leases.takeOver(this.#em(), takeover)) this.#start(job);
      for (const job of await leases.adoptAbandoned(this.#em(), takeover)) this.#start(job);
      await this.#takeOverSuspect(takeover);
    }
    for (const moved of await this.#dispatcher.moveStranded()) onMoved(moved);
  }

  /** A suspect runs alone, so that its next crash ends no other job and is blamed on no other job. */
  async #takeOverSuspect(takeover: leases.Takeover): Promise<void> {
    const isFree = this.#activeRuns.length === 0;
    const isAway = (id: string) => this.#isAway(id);
    // A suspect whose backend is away is taken over all the same: the user may cancel it, and its time limits count.
    const backendIds = isFree ? takeover.backendIds : takeover.backendIds.filter(isAway);
    for (const job of await leases.takeOver(this.#em(), { ...takeover, backendIds }, true)) this.#start(job);
    const present = takeover.backendIds.filter((id) => !isAway(id));
    this.#isSuspectWaiting =
      !isFree && (await leases.isSuspectOrphaned(this.#em(), { ...takeover, backendIds: present }));
  }

  get #isSuspectRunning(): boolean {
    return this.#activeRuns.some(({ job }) => job.crashes >= leases.SUSPECT_CRASHES);
  }

  /** Leaves out runs whose backend is away. That may last for hours, so these runs neither delay other jobs as suspects nor delay a suspect. */
  get #activeRuns(): Run[] {
    return [...this.#runs.values()].filter(({ job }) => !this.#isAway(job.backendId));
  }

  #isAway(backendId: string): boolean {
    return this.parts.backends.get(backendId)?.isAway ?? false;
  }

  async #renewLeases(): Promise<void> {
    if (this.#runs.size === 0) return;
    const { replica, timings } = this.parts;
    const runs = [...this.#runs.values()];
    const jobs = runs.map(({ job }) => job);
    const renewed = await leases.renew(this.#em(), replica.number, jobs, timings.leaseMs);
    const leaseOf = new Map(renewed.map((lease) => [keyOf(lease), lease]));
    for (const { job, release, unwanted } of runs) {
      const lease = leaseOf.get(keyOf(job));
      if (!lease) release.abort(new JobReleasedError('Another process has taken this job'));
      else if (lease.isUnwanted) unwanted.abort();
    }
  }

  #start(job: Job): void {
    const backend = this.parts.backends.get(job.backendId);
    if (!backend) return;
    const run = { job, release: new AbortController(), unwanted: new AbortController() };
    const turn = this.#order.next(job.backendId);
    const logger = this.parts.logger.child({ generation: job.id, prompt: job.promptId, attempt: job.attempt });
    const done = this.parts
      .work(job, { comfyui: backend.comfyui, signal: run.release.signal, unwanted: run.unwanted.signal, logger, turn })
      .catch(async (error) => {
        // Neither a response of ComfyUI nor an outage of PostgreSQL is a fault of this process.
        const isExpected =
          error instanceof JobReleasedError || error instanceof ComfyUIError || isDatabaseOutage(error);
        if (!isExpected) logger.error({ err: error }, 'job failed unexpectedly; releasing it');
        await leases.release(this.#em(), job, !isExpected);
      })
      .catch((error) => logger.error({ err: error }, 'could not release a job; its lease will expire'))
      .finally(() => {
        turn.end();
        this.#runs.delete(keyOf(job));
        this.wake();
      });
    this.#runs.set(keyOf(job), { ...run, done });
  }

  /** Each statement has a unit of work of its own. */
  #em(): SqlEntityManager {
    return this.parts.orm.em.fork();
  }
}
