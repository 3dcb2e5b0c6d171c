/**
 * Stops a job, for the user or because its time is over: takes its prompt out of ComfyUI. A run that ComfyUI finishes all the same ends
 * by itself, and its end counts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Job } from '../../runner/leases.js';
import { isSubmitted, markCancelSent } from '../../runner/prompts.js';
import type { JobTools } from '../../runner/runner.js';
import type { Failure } from '../failure.js';
import * as transitions from '../transitions.js';
import { overdue } from './deadlines.js';
import type { Ending, Move } from './finish.js';
import type { JobServices } from './job.js';

/** Ends a walk: the prompt is gone from ComfyUI because we asked for it, or never came there. */
export class StoppedError extends Error {
  override name = 'StoppedError';
}

export class Stopping {
  /** Aborted with a JobReleasedError, with a StoppedError, or because the walk is over. */
  readonly signal: AbortSignal;
  readonly #leave = new AbortController();
  readonly #onUnwanted = () => this.#stop();
  #deadline = new AbortController();
  #isAsked = false;
  /** What to say of it, where its time was over. */
  #overdue: Failure | undefined;
  #isPosting = false;
  #isAccepted = false;
  #takingOut: Promise<void> | undefined;
  #losingPatience: Promise<void> | undefined;

  constructor(
    private readonly services: JobServices,
    private readonly job: Job,
    private readonly tools: JobTools,
    private readonly ending: Ending,
    private readonly logger: Logger,
  ) {
    this.signal = AbortSignal.any([tools.signal, this.#leave.signal]);
  }

  open(isUnwanted: boolean): void {
    if (isUnwanted || this.tools.unwanted.aborted) this.#stop();
    else this.tools.unwanted.addEventListener('abort', this.#onUnwanted, { once: true });
    this.#watchDeadline();
  }

  async close(): Promise<void> {
    this.tools.unwanted.removeEventListener('abort', this.#onUnwanted);
    this.#leave.abort();
    await Promise.all([this.#takingOut, this.#losingPatience]);
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** A POST is about to go: until it is known to be accepted, a look into ComfyUI may come too early. @throws StoppedError */
  posting(): void {
    if (this.#isAsked) throw new StoppedError();
    this.#isPosting = true;
  }

  notPosted(): void {
    this.#isPosting = false;
  }

  /** Its time is over. */
  giveUp(failure: Failure): void {
    // What the user wanted first is what counts.
    if (!this.#isAsked) this.#overdue = failure;
    this.#stop();
  }

  accepted(): void {
    this.#isAccepted = true;
    if (this.#isAsked) this.#stop();
  }

  /** Another deadline counts from now on. */
  started(): void {
    this.accepted();
    this.#watchDeadline();
  }

  /** The status of what has stopped. */
  readonly move: Move = (em) =>
    this.#overdue ? transitions.fail(em, this.job, this.#overdue) : transitions.cancel(em, this.job);

  #stop(): void {
    this.#isAsked = true;
    this.#losingPatience ??= this.#losePatience();
    if (this.#isPosting && !this.#isAccepted) return;
    this.#takingOut ??= this.#persist(() => this.#takeOut(), 'the prompt could not be stopped');
  }

  async #takeOut(): Promise<void> {
    const em = this.services.orm.em.fork();
    if (!this.#isPosting && !(await isSubmitted(em, this.job.promptId))) return this.#leave.abort(new StoppedError());
    await markCancelSent(em, this.job);
    const came = await this.tools.comfyui.cancel(this.job.promptId, this.signal);
    if (came === 'gone') this.#leave.abort(new StoppedError());
  }

  /** The generation ends before ComfyUI has confirmed that its prompt has. */
  async #losePatience(): Promise<void> {
    await delay(this.services.timings.cancelConfirmTimeoutMs, undefined, { signal: this.signal }).catch(() => {});
    if (this.signal.aborted) return;
    await this.#persist(() => this.ending.settle(this.move), 'a stop that was not confirmed could not be written');
  }

  #watchDeadline(): void {
    this.#deadline.abort();
    this.#deadline = new AbortController();
    const signal = AbortSignal.any([this.signal, this.#deadline.signal]);
    const watch = async () =>
      this.giveUp(await overdue(this.services.orm.em.fork(), this.job.id, this.services, signal));
    void this.#persist(watch, 'the deadline cannot be watched', signal);
  }

  /** Tries until it succeeds or the walk is over: PostgreSQL may be away for a moment, and nobody else would do it. */
  async #persist(act: () => Promise<void>, what: string, signal = this.signal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await act();
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error({ err: error }, what);
        await delay(this.services.timings.sweepIntervalMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
