/** Cancels the prompt of a job for the user or for a time limit. If ComfyUI finishes the prompt all the same, that end counts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Age } from '../../runner/leases.js';
import { isSubmitted, markCancelSent } from '../../runner/prompts.js';
import type { Failure } from '../failure.js';
import * as transitions from '../transitions.js';
import type { JobContext } from './context.js';
import { waitUntilOverdue } from './deadlines.js';
import type { Move } from './finish.js';

/** Ends a run: its prompt is gone from ComfyUI because we canceled it, or was never submitted. */
export class StoppedError extends Error {
  override name = 'StoppedError';
}

/** Made once: an abort without a reason makes an error with a stack. */
export const OVER = new Error('The run is over');

/** The user, or the failure of the time limit that is over. The first cause counts. */
type Cause = 'user' | Failure;

type Phase =
  | { name: 'unsent' }
  | { name: 'posting' }
  | { name: 'accepted' }
  | { name: 'deferred'; cause: Cause }
  | { name: 'canceling'; cause: Cause; isSubmitted: boolean };

/**
 * A run begins `unsent`: it has submitted nothing, although ComfyUI may know the prompt from an earlier run. It is `posting` from just
 * before a POST until ComfyUI is known to have the prompt, or until the POST is called off, which makes it `unsent` again. Then it is
 * `accepted`.
 *
 * The first request to cancel moves `unsent` and `accepted` to `canceling`, which cancels the prompt in ComfyUI, and `posting` to
 * `deferred`: during a POST ComfyUI may not know the prompt yet, and a cancel would miss it. `deferred` becomes `canceling` when ComfyUI
 * has accepted the prompt. No POST begins in these two phases, and later requests change nothing. The request also starts a timeout, after
 * which the generation ends although ComfyUI has not confirmed the cancel.
 *
 * The signal ends every phase: it is aborted when the prompt is gone, when the job is released, and when the run is over.
 */
export class Cancellation {
  /** Aborted with a JobReleasedError, with a StoppedError, or because the run is over. */
  readonly signal: AbortSignal;
  readonly #end = new AbortController();
  readonly #requested = new AbortController();
  readonly #onUnwanted = () => this.#request('user');
  readonly #tasks: Promise<void>[] = [];
  #phase: Phase = { name: 'unsent' };
  #deadline = new AbortController();

  constructor(private readonly context: JobContext) {
    this.signal = AbortSignal.any([context.tools.signal, this.#end.signal]);
  }

  open(): void {
    const { job, tools } = this.context;
    const { unwanted } = tools;
    if (job.isUnwanted || unwanted.aborted) this.#request('user');
    else unwanted.addEventListener('abort', this.#onUnwanted, { once: true });
    this.#watchDeadline(job.age);
  }

  async close(): Promise<void> {
    this.context.tools.unwanted.removeEventListener('abort', this.#onUnwanted);
    this.#end.abort(OVER);
    await Promise.all(this.#tasks);
  }

  get isRequested(): boolean {
    return 'cause' in this.#phase;
  }

  /** Aborted by the first request to cancel. */
  get requested(): AbortSignal {
    return this.#requested.signal;
  }

  /** A POST is about to begin. @throws StoppedError if a cancel is requested */
  beginPost(): void {
    if (this.isRequested) throw new StoppedError();
    if (this.#phase.name === 'unsent') this.#moveTo({ name: 'posting' });
  }

  /** The POST was not sent. */
  abandonPost(): void {
    if (this.#phase.name === 'posting') this.#moveTo({ name: 'unsent' });
  }

  /** ComfyUI has the prompt. */
  accepted(): void {
    const phase = this.#phase;
    if (phase.name === 'deferred') this.#moveTo({ name: 'canceling', cause: phase.cause, isSubmitted: true });
    else if (!this.isRequested) this.#moveTo({ name: 'accepted' });
  }

  /** ComfyUI executes the prompt: from now on the time limit of the execution counts. */
  started(age: Age): void {
    this.accepted();
    this.#watchDeadline(age);
  }

  /** A time limit is over. */
  timeOut(failure: Failure): void {
    this.#request(failure);
  }

  /** Moves the canceled generation to its status. */
  readonly move: Move = (em) => {
    const cause = 'cause' in this.#phase ? this.#phase.cause : 'user';
    return cause === 'user' ? transitions.cancel(em, this.context.job) : transitions.fail(em, this.context.job, cause);
  };

  #request(cause: Cause): void {
    const { name } = this.#phase;
    if (name === 'posting') this.#moveTo({ name: 'deferred', cause });
    else if (!this.isRequested) this.#moveTo({ name: 'canceling', cause, isSubmitted: name === 'accepted' });
  }

  #moveTo(phase: Phase): void {
    const isFirstRequest = !this.isRequested && 'cause' in phase;
    this.#phase = phase;
    if (isFirstRequest) {
      this.#requested.abort();
      this.#tasks.push(this.#endUnconfirmed());
    }
    if (phase.name === 'canceling')
      this.#tasks.push(this.#retry(() => this.#cancel(phase.isSubmitted), 'could not cancel the prompt'));
  }

  async #cancel(isKnown: boolean): Promise<void> {
    const { em, job, tools } = this.context;
    if (!isKnown && !(await isSubmitted(em, job.promptId))) return this.#end.abort(new StoppedError());
    await markCancelSent(em, job);
    const result = await tools.comfyui.cancel(job.promptId, this.signal);
    if (result === 'gone') this.#end.abort(new StoppedError());
  }

  /** Ends the generation when ComfyUI has not confirmed the cancel in time. The prompt stays open. */
  async #endUnconfirmed(): Promise<void> {
    const { services, outcome } = this.context;
    await delay(services.timings.cancelConfirmTimeoutMs, undefined, { signal: this.signal }).catch(() => {});
    if (this.signal.aborted) return;
    await this.#retry(() => outcome.settle(this.move), 'could not end a generation whose cancel is unconfirmed');
  }

  #watchDeadline(age: Age): void {
    this.#deadline.abort(OVER);
    this.#deadline = new AbortController();
    const signal = AbortSignal.any([this.signal, this.#deadline.signal]);
    const { services, job } = this.context;
    const watch = async () => this.timeOut(await waitUntilOverdue(this.context.em, job.id, age, services, signal));
    void this.#retry(watch, 'could not watch the deadline', signal);
  }

  /** Retries until `act` succeeds or the run is over: PostgreSQL may be away for a moment, and no other process would do it. */
  async #retry(act: () => Promise<void>, problem: string, signal = this.signal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await act();
      } catch (error) {
        if (signal.aborted) return;
        this.context.logger.error({ err: error }, problem);
        await delay(this.context.services.timings.sweepIntervalMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
