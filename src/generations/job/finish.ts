/** Writes how a job ends: moves the generation's status, ends the prompt in the same transaction, and notifies subscribers. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { PromptLostError } from '../../comfyui/index.js';
import { MAX_ATTEMPTS } from '../../runner/leases.js';
import { endPrompt } from '../../runner/prompts.js';
import { type Failure, FailureCode } from '../failure.js';
import type { Ended } from '../generation-metrics.js';
import { changed } from '../report-change.js';
import * as transitions from '../transitions.js';
import type { JobContext } from './context.js';

/** One of the transitions. */
export type Move = (em: SqlEntityManager) => Promise<transitions.Moved | undefined>;

export class JobOutcome {
  constructor(private readonly context: JobContext) {}

  /** The prompt is gone from ComfyUI: moves the status and frees the slot in one transaction. */
  async finish(move: Move): Promise<void> {
    const moved = await this.context.em.transactional(async (em) => {
      // Every statement locks prompts first, then generations.
      await endPrompt(em, this.context.job);
      return await move(em);
    });
    this.publish(moved);
  }

  /** The prompt may still be in ComfyUI: moves the status only. The prompt stays open and keeps its slot. */
  async settle(move: Move): Promise<void> {
    const moved = await move(this.context.em);
    if (moved) this.publish(moved);
  }

  /** Ends the prompt of a generation that is final already. */
  async endPrompt(): Promise<void> {
    await endPrompt(this.context.em, this.context.job);
  }

  async fail(failure: Failure): Promise<void> {
    this.context.logger.info({ failure }, 'generation failed');
    await this.finish((em) => transitions.fail(em, this.context.job, failure));
  }

  /** The backend lost the prompt: starts another attempt if one is left. An attempt that did not start to execute is not counted. */
  async retry(
    reason: string,
    { waited = 'no', avoid }: { waited?: PromptLostError['waited']; avoid?: string | undefined } = {},
  ): Promise<void> {
    const { job, logger } = this.context;
    logger.warn({ reason, waited }, 'backend lost the prompt');
    const isSpent = waited === 'no' || (await this.#hasStarted(waited === 'seen'));
    if (isSpent && !this.hasAttemptsLeft)
      return await this.fail({
        code: FailureCode.BACKEND_LOST,
        message: `${reason}, after ${job.attempt} attempts`,
        retryable: true,
      });
    const delayMs = this.#retryDelayMs * (isSpent ? job.spent + 1 : 1);
    await this.requeue({ delayMs, isSpent, ...(isSpent && avoid !== undefined && { avoid }) });
  }

  async requeue(options: transitions.RequeueOptions): Promise<void> {
    await this.finish((em) => transitions.requeue(em, this.context.job, options));
  }

  /** The backend ran out of memory and has freed some: starts one more attempt. */
  async retryAfterFreeing(): Promise<void> {
    this.context.logger.warn('backend ran out of memory; retrying once');
    await this.requeue({ delayMs: this.#retryDelayMs, freed: true });
  }

  get hasAttemptsLeft(): boolean {
    return this.context.job.spent + 1 < MAX_ATTEMPTS;
  }

  /** @param moved as the statement returned it; undefined if it changed nothing else than progress or its prompt */
  publish(moved?: Ended): void {
    const { id, userId } = this.context.job;
    changed({ id, userId, ...moved }, 'moved', this.context.services);
  }

  get #retryDelayMs(): number {
    return this.context.services.timings.promptRetryDelayMs;
  }

  /**
   * Whether the attempt started to execute: that was seen, or no earlier prompt of ours on the backend was unfinished, since a ComfyUI that
   * crashes at once reports no start.
   */
  async #hasStarted(wasSeenWaiting: boolean): Promise<boolean> {
    const rows = await this.context.em.execute(
      `select from prompts p join generations g on g.id = p.generation_id
       where p.id = ? and (g.started_at is not null or not ? and not exists (
         select from prompts ahead join generations other on other.id = ahead.generation_id
         where ahead.backend_id = p.backend_id and ahead.id <> p.id and ahead.submitted_at < p.submitted_at
           and (ahead.ended_at is null or ahead.ended_at > p.submitted_at and other.status <> 'COMPLETED')))`,
      [this.context.job.promptId, wasSeenWaiting],
    );
    return rows.length > 0;
  }
}
