/** Writes how a job ends. The status is moved by `transitions.ts`; here it goes together with the prompt's place, and is told. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { PromptLostError } from '../../comfyui/index.js';
import { type Job, MAX_ATTEMPTS } from '../../runner/leases.js';
import { endPrompt } from '../../runner/prompts.js';
import { type Failure, FailureCode } from '../failure.js';
import * as transitions from '../transitions.js';
import type { JobServices } from './job.js';

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

  /** The backend lost the prompt: another attempt, if there is one left. One that never began is not counted. */
  async sendAgain(
    reason: string,
    { waited = 'no', avoid }: { waited?: PromptLostError['waited']; avoid?: string | undefined } = {},
  ): Promise<void> {
    this.logger.warn({ reason, waited }, 'the prompt is lost');
    const { attempt, spent } = this.job;
    const isSpent = waited === 'no' || (await this.#hasBegun(waited === 'seen'));
    if (isSpent && !this.hasAttemptsLeft)
      return await this.fail({
        code: FailureCode.BACKEND_LOST,
        message: `${reason}, and it was sent ${attempt} times`,
        retryable: true,
      });
    const delayMs = this.#sendAgainDelayMs * (isSpent ? spent + 1 : 1);
    await this.requeue({ delayMs, isSpent, ...(isSpent && avoid !== undefined && { avoid }) });
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

  /** It was seen to begin, or no other prompt of ours that has not come to its end was there before it: ComfyUI dies too fast to say so. */
  async #hasBegun(isSeenWaiting: boolean): Promise<boolean> {
    const rows = await this.#em().execute(
      `select from prompts p join generations g on g.id = p.generation_id
       where p.id = ? and (g.started_at is not null or not ? and not exists (
         select from prompts ahead join generations other on other.id = ahead.generation_id
         where ahead.backend_id = p.backend_id and ahead.id <> p.id and ahead.submitted_at < p.submitted_at
           and (ahead.ended_at is null or ahead.ended_at > p.submitted_at and other.status <> 'COMPLETED')))`,
      [this.job.promptId, isSeenWaiting],
    );
    return rows.length > 0;
  }

  #em(): SqlEntityManager {
    return this.services.orm.em.fork();
  }
}
