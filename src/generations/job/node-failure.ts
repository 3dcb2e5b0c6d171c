/**
 * What becomes of a generation whose prompt ended in an error. A job that failed because of its backend runs elsewhere, or waits for
 * it; only an error that is the graph's own is the user's to see.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { type Breaker, breakNow, strike, withdrawStrikes } from '../../backends/breaker.js';
import { type ComfyUIError, classifyError, UnsupportedError } from '../../comfyui/index.js';
import type { Job } from '../../runner/leases.js';
import { readNeeds } from '../../runner/routes.js';
import type { JobTools } from '../../runner/runner.js';
import { type Failure, FailureCode } from '../failure.js';
import type { End } from './bridge.js';
import type { Stopping } from './cancellation.js';
import { wasDoneBefore } from './eta.js';
import { explainError } from './failure-messages.js';
import type { Ending } from './finish.js';
import type { JobServices } from './job.js';

const UNEXPLAINED: Failure = {
  code: FailureCode.INTERNAL,
  message: 'ComfyUI did not say what failed',
  retryable: true,
};

export class NodeFailure {
  readonly #em: SqlEntityManager;

  constructor(
    private readonly services: JobServices,
    private readonly job: Job,
    private readonly tools: JobTools,
    private readonly ending: Ending,
    private readonly stopping: Stopping,
    private readonly logger: Logger,
  ) {
    this.#em = services.orm.em.fork();
  }

  async handle({ error, failedAfterMs = Number.POSITIVE_INFINITY }: End): Promise<void> {
    const failure = error ? explainError(error) : UNEXPLAINED;
    if (this.stopping.isAsked) return await this.ending.fail(failure);
    if (!error) return await this.#suspect(failure);
    switch (classifyError(error)) {
      case 'OUT_OF_MEMORY':
        return await this.#outOfMemory(failure);
      case 'SERVER':
        return await this.blame(failure);
      case 'NODE':
        if (failedAfterMs >= this.services.timings.instantFailureMs) return await this.ending.fail(failure);
        return await this.#suspect(failure);
    }
  }

  /** The backend is at fault. `isUnspent`: nothing was executed. */
  async blame(failure: Failure, { isUnspent = false } = {}): Promise<void> {
    const breaker = await this.#strike(failure);
    // What a backend fails at that is known to be broken says nothing about the job.
    const isSpent = !isUnspent && !breaker.wasBroken;
    if (isSpent && !this.ending.hasAttemptsLeft) {
      await withdrawStrikes(this.#em, this.job.id);
      return await this.ending.fail({ ...failure, retryable: true });
    }
    await this.#moveOrWait(failure, breaker, isSpent);
  }

  /** The backend took no prompt, and would not take the next one: it is offline at once, and nothing of the job is spent. */
  async refused(error: ComfyUIError): Promise<void> {
    const { probeIntervalMs } = this.services.timings;
    const isUnsupported = error instanceof UnsupportedError;
    this.logger.warn({ err: error }, 'backend takes no prompt; it is offline');
    await breakNow(this.#em, this.job.backendId, error.message, isUnsupported ? undefined : probeIntervalMs);
    const failure = { code: FailureCode.BACKEND_LOST, message: error.message, retryable: true };
    await this.#moveOrWait(failure, { isBroken: true, wasBroken: false, probeInMs: probeIntervalMs }, false);
  }

  /** It failed at once, and its words do not say whose fault it is: another backend, or the past, can. */
  async #suspect(failure: Failure): Promise<void> {
    if (await this.#hasFailedElsewhere()) {
      await withdrawStrikes(this.#em, this.job.id);
      return await this.ending.fail(failure);
    }
    if ((await this.canMove()) && this.ending.hasAttemptsLeft) return await this.blame(failure);
    if (!(await wasDoneBefore(this.#em, this.job.id))) return await this.ending.fail(failure);
    const breaker = await this.#strike(failure);
    if (!breaker.isBroken) return await this.ending.fail(failure);
    await this.#moveOrWait(failure, breaker, false);
  }

  async #strike(failure: Failure): Promise<Breaker> {
    const { backendId, id } = this.job;
    const breaker = await strike(this.#em, backendId, id, failure.message, this.services.timings);
    if (breaker.isBroken && !breaker.wasBroken)
      this.logger.warn({ reason: failure.message }, 'backend is offline: its last prompts all failed');
    return breaker;
  }

  async #moveOrWait(failure: Failure, { isBroken, probeInMs }: Breaker, isSpent: boolean): Promise<void> {
    const { sweepIntervalMs, sendAgainDelayMs } = this.services.timings;
    const canMove = await this.canMove();
    // Where there is only this backend, other jobs are its next probe: this one may be what broke it.
    const waitMs = isBroken ? probeInMs + 2 * sweepIntervalMs : sendAgainDelayMs * this.job.attempt;
    this.logger.warn({ failure }, canMove ? 'backend failed; the job runs elsewhere' : 'backend failed; the job waits');
    await this.ending.requeue({
      delayMs: canMove ? 0 : waitMs,
      isSpent,
      ...(canMove && { avoid: this.job.backendId }),
    });
  }

  /** Memory may be short only because of what ran before: it is freed, and the job sent once more. */
  async #outOfMemory(failure: Failure): Promise<void> {
    const [row] = await this.#em.execute<{ freed: boolean }[]>('select freed from generations where id = ?', [
      this.job.id,
    ]);
    if (row?.freed || !this.ending.hasAttemptsLeft) return await this.ending.fail(failure);
    await this.tools.comfyui
      .free({ unload_models: true, free_memory: true }, this.stopping.signal)
      .catch((error) => this.logger.warn({ err: error }, 'the backend could not be told to free its memory'));
    await this.ending.sendAgainAfterFreeing();
  }

  /** Whether another backend that is online can run it. */
  async canMove(): Promise<boolean> {
    const needs = await readNeeds(this.#em, this.job.id);
    return needs !== undefined && this.services.backends.othersServe(this.job.backendId, needs);
  }

  async #hasFailedElsewhere(): Promise<boolean> {
    const rows = await this.#em.execute(
      `select from generations where id = ? and avoids <> '{}' and not avoids = array[?::text]`,
      [this.job.id, this.job.backendId],
    );
    return rows.length > 0;
  }
}
