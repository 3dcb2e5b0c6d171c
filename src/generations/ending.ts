/** Writes how a job ends. The status is moved by `transitions.ts`; here it goes together with the prompt's place, and is told. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { type Job, MAX_ATTEMPTS } from '../runner/leases.js';
import { type Failure, FailureCode } from './failure.js';
import type { JobServices } from './job.js';
import { endPrompt } from './prompts.js';
import * as transitions from './transitions.js';

/** One of the transitions. */
export type Move = (em: SqlEntityManager) => Promise<boolean>;

export class Ending {
  constructor(
    private readonly services: JobServices,
    private readonly job: Job,
    private readonly logger: Logger,
  ) {}

  /** The prompt is gone from ComfyUI: the status and the freed place are written together. */
  async end(move: Move): Promise<void> {
    await this.#em().transactional(async (em) => {
      await move(em);
      await endPrompt(em, this.job);
    });
    this.publish();
  }

  /** The prompt may still be in ComfyUI: it stays open, and keeps its place, until it is gone. */
  async settle(move: Move): Promise<void> {
    if (await move(this.#em())) this.publish();
  }

  /** The generation has ended already; now its prompt has, too. */
  async endPrompt(): Promise<void> {
    await endPrompt(this.#em(), this.job);
  }

  async fail(failure: Failure): Promise<void> {
    this.logger.info({ failure }, 'the generation failed');
    await this.end((em) => transitions.fail(em, this.job, failure));
  }

  /** The backend lost the prompt: another attempt, if there is one left. `onlyWaited`: this one never began, and is not counted. */
  async sendAgain(reason: string, { onlyWaited = false } = {}): Promise<void> {
    this.logger.warn({ reason, onlyWaited }, 'the prompt is lost');
    const { attempt, spent } = this.job;
    const isSpent = !onlyWaited || (await this.#hasBegun());
    if (isSpent && !this.hasAttemptsLeft)
      return await this.fail({
        code: FailureCode.BACKEND_LOST,
        message: `${reason}, and it was sent ${attempt} times`,
        retryable: true,
      });
    const delayMs = this.#sendAgainDelayMs * (isSpent ? spent + 1 : 1);
    await this.requeue({ delayMs, isSpent });
  }

  /** The chosen backend cannot run it now. */
  async requeue(again: transitions.SendAgain): Promise<void> {
    await this.end((em) => transitions.sendAgain(em, this.job, again));
  }

  /** The backend ran out of memory, and was told to free some. */
  async sendAgainAfterFreeing(): Promise<void> {
    this.logger.warn('the backend ran out of memory: the prompt is sent once more');
    await this.end((em) => transitions.sendAgain(em, this.job, { delayMs: this.#sendAgainDelayMs, freed: true }));
  }

  /** Whether it may be sent once more. */
  get hasAttemptsLeft(): boolean {
    return this.job.spent + 1 < MAX_ATTEMPTS;
  }

  publish(): void {
    this.services.updates.publish(this.job);
  }

  get #sendAgainDelayMs(): number {
    return this.services.timings.sendAgainDelayMs;
  }

  async #hasBegun(): Promise<boolean> {
    const { id } = this.job;
    return (
      (await this.#em().execute('select from generations where id = ? and started_at is not null', [id])).length > 0
    );
  }

  #em(): SqlEntityManager {
    return this.services.orm.em.fork();
  }
}
