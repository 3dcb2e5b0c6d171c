/**
 * Decides what follows when a prompt ends in an error. A job that failed because of its backend runs on another backend, or waits for its
 * own; only an error of the graph itself fails the generation.
 */
import { type Breaker, openBreaker, recordStrike, withdrawStrikes } from '../../backends/breaker.js';
import { type ComfyUIError, classifyError, UnsupportedError } from '../../comfyui/index.js';
import { wasDoneBefore } from '../../runner/paces.js';
import { readNeeds } from '../../runner/routes.js';
import { type Failure, FailureCode } from '../failure.js';
import type { PromptEnd } from './bridge.js';
import type { JobContext } from './context.js';
import { failureOfError } from './failure-messages.js';

const UNEXPLAINED: Failure = {
  code: FailureCode.INTERNAL,
  message: 'ComfyUI reported an error without details',
  retryable: true,
};

export class NodeFailure {
  constructor(private readonly context: JobContext) {}

  async handle({ error, executedMs = Number.POSITIVE_INFINITY }: PromptEnd): Promise<void> {
    const { outcome, cancellation, services } = this.context;
    const failure = error ? failureOfError(error) : UNEXPLAINED;
    if (cancellation.isRequested) return await outcome.fail(failure);
    if (!error) return await this.#suspect(failure);
    switch (classifyError(error)) {
      case 'OUT_OF_MEMORY':
        return await this.#outOfMemory(failure);
      case 'SERVER':
        return await this.blameBackend(failure);
      case 'NODE':
        if (executedMs >= services.timings.instantFailureMs) return await outcome.fail(failure);
        return await this.#suspect(failure);
    }
  }

  /** Blames the backend: another attempt, if one is left. */
  async blameBackend(failure: Failure): Promise<void> {
    const { outcome, job } = this.context;
    const breaker = await this.#strike(failure);
    // A failure on a backend that is known to be broken proves nothing about the job.
    const isSpent = !breaker.wasBroken;
    if (isSpent && !outcome.hasAttemptsLeft) {
      await withdrawStrikes(this.context.em, job.id);
      return await outcome.fail({ ...failure, retryable: true });
    }
    await this.#moveOrWait(failure, breaker, isSpent);
  }

  /** The backend rejects every prompt: it goes offline at once, and the attempt is not counted. */
  async backendRejects(error: ComfyUIError): Promise<void> {
    const { services, job, logger } = this.context;
    const { probeIntervalMs } = services.timings;
    const isUnsupported = error instanceof UnsupportedError;
    logger.warn({ err: error }, 'backend rejects every prompt; it is offline');
    await openBreaker(this.context.em, job.backendId, error.message, isUnsupported ? undefined : probeIntervalMs);
    const failure = { code: FailureCode.BACKEND_LOST, message: error.message, retryable: true };
    await this.#moveOrWait(failure, { isBroken: true, wasBroken: false, probeInMs: probeIntervalMs }, false);
  }

  /** The prompt failed at once, and its error does not show the cause. Another backend, or earlier runs of the same work, may show it. */
  async #suspect(failure: Failure): Promise<void> {
    const { outcome, job } = this.context;
    if (await this.#hasFailedElsewhere()) {
      await withdrawStrikes(this.context.em, job.id);
      return await outcome.fail(failure);
    }
    if ((await this.canMove()) && outcome.hasAttemptsLeft) return await this.blameBackend(failure);
    if (!(await wasDoneBefore(this.context.em, job.id))) return await outcome.fail(failure);
    const breaker = await this.#strike(failure);
    if (!breaker.isBroken) return await outcome.fail(failure);
    await this.#moveOrWait(failure, breaker, false);
  }

  async #strike(failure: Failure): Promise<Breaker> {
    const { services, job, logger } = this.context;
    const breaker = await recordStrike(this.context.em, job.backendId, job.id, failure.message, services.timings);
    if (breaker.isBroken && !breaker.wasBroken)
      logger.warn({ reason: failure.message }, 'backend is offline: its last prompts all failed');
    return breaker;
  }

  async #moveOrWait(failure: Failure, { isBroken, probeInMs }: Breaker, isSpent: boolean): Promise<void> {
    const { services, job, logger, outcome } = this.context;
    const { sweepIntervalMs, promptRetryDelayMs } = services.timings;
    const canMove = await this.canMove();
    // If this backend is the only one, its next probe is another job: this job may be what broke it.
    const waitMs = isBroken ? probeInMs + 2 * sweepIntervalMs : promptRetryDelayMs * job.attempt;
    logger.warn({ failure }, canMove ? 'backend failed; moving the job to another one' : 'backend failed; job waits');
    await outcome.requeue({
      delayMs: canMove ? 0 : waitMs,
      isSpent,
      ...(canMove && { avoid: job.backendId }),
    });
  }

  /** Earlier prompts may still fill the memory: frees it, and retries once. */
  async #outOfMemory(failure: Failure): Promise<void> {
    const { job, tools, signal, logger, outcome } = this.context;
    const [row] = await this.context.em.execute<{ freed: boolean }[]>('select freed from generations where id = ?', [
      job.id,
    ]);
    if (row?.freed || !outcome.hasAttemptsLeft) return await outcome.fail(failure);
    await tools.comfyui
      .free({ unload_models: true, free_memory: true }, signal)
      .catch((error) => logger.warn({ err: error }, 'could not free the memory of the backend'));
    await outcome.retryAfterFreeing();
  }

  /** Whether another backend that is online can run the job. */
  async canMove(): Promise<boolean> {
    const { services, job } = this.context;
    const needs = await readNeeds(this.context.em, job.id);
    return needs !== undefined && services.backends.canOthersServe(job.backendId, needs);
  }

  async #hasFailedElsewhere(): Promise<boolean> {
    const { job } = this.context;
    const rows = await this.context.em.execute(
      `select from generations where id = ? and avoids <> '{}' and not avoids = array[?::text]`,
      [job.id, job.backendId],
    );
    return rows.length > 0;
  }
}
