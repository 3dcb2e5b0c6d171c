/**
 * Takes jobs, and holds each by a lease while it is worked on. Knows ids, leases and signals; what a job does is told to it, and which is
 * next for which backend the dispatcher says.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../backends/backends.js';
import { type ComfyUI, ComfyUIError } from '../comfyui/index.js';
import type { Channel } from '../db/channel.js';
import type { Timings } from '../process/timings.js';
import type { RunningLimits } from './claims.js';
import { isDatabaseOutage } from './database-outage.js';
import { Dispatcher } from './dispatcher.js';
import type { Job } from './leases.js';
import * as leases from './leases.js';
import type { Replica } from './replica.js';

/** All replicas hear of a new job at once; most of them need not look at once. */
const HEARD_WITHIN_MS = 200;

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

/**
 * The claim's answer may come after its lease, when the sweep of this same process has taken the job: two runs of one prompt, of which
 * only the one with the higher fence holds it.
 */
const keyOf = ({ promptId, fence }: { promptId: string; fence: number }): string => `${promptId}:${fence}`;

type Running = { job: Job; letGo: AbortController; unwanted: AbortController; done: Promise<void> };

export type RunnerParts = {
  orm: MikroORM;
  replica: Replica;
  channel: Channel;
  backends: Backends;
  limits: RunningLimits;
  work: Work;
  /** A generation was moved on by the runner itself. */
  onMoved: (moved: { id: string; userId: string }) => void;
  timings: Timings;
  logger: Logger;
};

export class Runner {
  readonly #dispatcher: Dispatcher;
  readonly #running = new Map<string, Running>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isOpen = false;
  /** A suspect waits until nothing else runs here. */
  #makesRoom = false;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;
  #sweeping: Promise<void> | undefined;
  #beating: Promise<void> | undefined;

  constructor(private readonly parts: RunnerParts) {
    this.#dispatcher = new Dispatcher(parts);
  }

  open(): void {
    this.#isOpen = true;
    const { backends, channel, timings } = this.parts;
    backends.onOnline(() => this.wake());
    channel.on('work', () => void setTimeout(() => this.wake(), Math.random() * HEARD_WITHIN_MS).unref());
    channel.on('stop', (generationId) => this.#stop(String(generationId)));
    // What was held under the old number is for anybody to take: it is renewed at once.
    channel.onOpen(() => this.#beat());
    this.#timers.push(
      setInterval(() => this.#sweep(), timings.sweepIntervalMs),
      setInterval(() => this.#beat(), timings.heartbeatIntervalMs),
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

  /** A job was created: this replica looks at once, the others soon. */
  announce(): void {
    this.wake();
    this.parts.channel.send('work');
  }

  /** The user wants it stopped. A hint, to whichever replica has it: the heartbeat would notice too. */
  stop(generationId: string): void {
    this.#stop(generationId);
    this.parts.channel.send('stop', generationId);
  }

  #stop(generationId: string): void {
    for (const { job, unwanted } of this.#running.values()) if (job.id === generationId) unwanted.abort();
  }

  /** One after the other, so that each goes to the backend that is least busy then. */
  async #claim(): Promise<void> {
    try {
      while (this.#claimAgain && this.#isOpen) {
        this.#claimAgain = false;
        while (this.#isOpen && !this.#isAlone && !this.#makesRoom) {
          const job = await this.#dispatcher.next();
          if (!job) break;
          this.#start(job);
        }
      }
    } catch (error) {
      this.parts.logger.error({ err: error }, 'could not claim a job');
    }
  }

  #sweep(): void {
    this.#sweeping ??= this.#takeOver().finally(() => {
      this.#sweeping = undefined;
    });
    this.wake();
  }

  async #takeOver(): Promise<void> {
    const { backends, replica, onMoved, timings, logger } = this.parts;
    try {
      if (!this.#isAlone) {
        const taking = {
          holder: replica.number,
          backendIds: backends.ids(),
          running: [...this.#running.values()].map(({ job }) => job.promptId),
          leaseMs: timings.leaseMs,
        };
        for (const job of await leases.takeOver(this.#em(), taking)) this.#start(job);
        for (const job of await leases.takeUpAbandoned(this.#em(), taking)) this.#start(job);
        await this.#takeSuspect(taking);
      }
      for (const moved of await this.#dispatcher.moveAway()) onMoved(moved);
    } catch (error) {
      logger.error({ err: error }, 'could not look for jobs that nobody holds');
    }
  }

  /** A job over which processes died runs alone, so that it takes no other with it and no other is taken for the cause. */
  async #takeSuspect(taking: leases.Taking): Promise<void> {
    const isFree = this.#atWork.length === 0;
    const isAway = (id: string) => this.#isAway(id);
    // A suspect whose backend is away is held all the same: it may be canceled, or time out.
    const backendIds = isFree ? taking.backendIds : taking.backendIds.filter(isAway);
    for (const job of await leases.takeOver(this.#em(), { ...taking, backendIds }, true)) this.#start(job);
    const present = taking.backendIds.filter((id) => !isAway(id));
    this.#makesRoom = !isFree && (await leases.isSuspectLost(this.#em(), { ...taking, backendIds: present }));
  }

  get #isAlone(): boolean {
    return this.#atWork.some(({ job }) => job.crashes >= leases.SUSPECT_CRASHES);
  }

  /** Without the jobs whose backend is away: that may last for hours, in which a suspect among them keeps no other job waiting, and they no suspect. */
  get #atWork(): Running[] {
    return [...this.#running.values()].filter(({ job }) => !this.#isAway(job.backendId));
  }

  #isAway(backendId: string): boolean {
    return this.parts.backends.get(backendId)?.isAway ?? false;
  }

  #beat(): void {
    this.#beating ??= this.#renew().finally(() => {
      this.#beating = undefined;
    });
  }

  async #renew(): Promise<void> {
    if (this.#running.size === 0) return;
    const { replica, timings } = this.parts;
    try {
      const held = [...this.#running.values()];
      const jobs = held.map(({ job }) => job);
      const pulses = new Map(
        (await leases.renew(this.#em(), replica.number, jobs, timings.leaseMs)).map((pulse) => [keyOf(pulse), pulse]),
      );
      for (const { job, letGo, unwanted } of held) {
        const pulse = pulses.get(keyOf(job));
        if (!pulse) letGo.abort(new LetGoError('Another process has taken this job'));
        else if (pulse.isUnwanted) unwanted.abort();
      }
    } catch (error) {
      this.parts.logger.error({ err: error }, 'could not renew the leases');
    }
  }

  #start(job: Job): void {
    const backend = this.parts.backends.get(job.backendId);
    if (!backend) return;
    const running = { job, letGo: new AbortController(), unwanted: new AbortController() };
    const logger = this.parts.logger.child({ generation: job.id, prompt: job.promptId, attempt: job.attempt });
    const done = this.parts
      .work(job, { comfyui: backend.comfyui, signal: running.letGo.signal, unwanted: running.unwanted.signal })
      .catch(async (error) => {
        // Neither a response of ComfyUI nor an outage of PostgreSQL is a fault of this process.
        const isFault = !(error instanceof LetGoError || error instanceof ComfyUIError || isDatabaseOutage(error));
        if (isFault) logger.error({ err: error }, 'a job broke, and is let go');
        await leases.release(this.#em(), job, isFault);
      })
      .catch((error) => logger.error({ err: error }, 'could not let a job go: its lease will run out'))
      .finally(() => {
        this.#running.delete(keyOf(job));
        this.wake();
      });
    this.#running.set(keyOf(job), { ...running, done });
  }

  /** Each statement has a unit of work of its own. */
  #em(): SqlEntityManager {
    return this.parts.orm.em.fork();
  }
}
