/**
 * Carries one generation from its place on a backend to its end: has its prompt followed (`bridge.ts`), judges how that ended, and saves
 * the result. Resuming after a crash is the same walk as running. How it is stopped is in `stopping.ts`.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../../backends/backends.js';
import { forgive } from '../../backends/breaker.js';
import type { BackendTimings } from '../../backends/timings.js';
import {
  ComfyUIError,
  type NodeOutput,
  outcomeOf,
  PromptLostError,
  PromptRefusedError,
  RequestRefusedError,
  SubmitFailedError,
  UnsupportedError,
} from '../../comfyui/index.js';
import type { Job } from '../../runner/leases.js';
import * as prompts from '../../runner/prompts.js';
import type { JobTools, Work } from '../../runner/runner.js';
import type { Storage } from '../../storage/storage.js';
import type { Workflows } from '../../workflows/workflows.js';
import { FailureCode } from '../failure.js';
import { Generation } from '../generation.js';
import type { Updates } from '../live/updates.js';
import { GenerationStatus, isFinal } from '../status.js';
import * as transitions from '../transitions.js';
import { Bridge, type End } from './bridge.js';
import { StoppedError, Stopping } from './cancellation.js';
import type { Limits } from './deadlines.js';
import { explainRefusal } from './failure-messages.js';
import { fetchPictures, NoOutputError, ResultUnavailableError } from './fetch-outputs.js';
import { Ending, type Move } from './finish.js';
import { NodeFailure } from './node-failure.js';
import { ElsewhereError, UnpreparableError } from './prepare-graph.js';
import { rerouteRefused } from './reroute.js';
import { saveResult } from './save-result.js';

/** How often the process may die over one job before the job is taken for the cause. */
const MAX_CRASHES = 5;

export type JobServices = Limits & {
  orm: MikroORM;
  storage: Storage;
  workflows: Workflows;
  updates: Updates;
  logger: Logger;
  backends: Backends;
  configuredModel: string | undefined;
  timings: BackendTimings;
  /** Clears away a deleted generation whose prompt has ended. */
  clear: (id: string) => Promise<void>;
};

export const createWork =
  (services: JobServices): Work =>
  (job, tools) =>
    new Walk(services, job, tools).walk();

class Walk {
  readonly #em: SqlEntityManager;
  readonly #logger: Logger;
  readonly #ending: Ending;
  readonly #stopping: Stopping;
  readonly #bridge: Bridge;
  readonly #nodeFailure: NodeFailure;

  constructor(
    private readonly services: JobServices,
    private readonly job: Job,
    private readonly tools: JobTools,
  ) {
    this.#em = services.orm.em.fork();
    this.#logger = services.logger.child({ generation: job.id, prompt: job.promptId, attempt: job.attempt });
    this.#ending = new Ending(services, job, this.#logger);
    this.#stopping = new Stopping(services, job, tools, this.#ending, this.#logger);
    this.#bridge = new Bridge(services, job, tools, this.#ending, this.#stopping, this.#logger);
    this.#nodeFailure = new NodeFailure(services, job, tools, this.#ending, this.#stopping, this.#logger);
  }

  async walk(): Promise<void> {
    const generation = await this.#em.findOneOrFail(Generation, this.job.id);
    try {
      if (this.job.isAbandoned || isFinal(generation.status)) await this.#takeBack();
      else if (generation.crashes >= MAX_CRASHES && !(await this.#isWorthSaving(generation))) await this.#giveUp();
      else {
        this.#stopping.open(generation.status === GenerationStatus.CANCELING);
        await this.#finish(await this.#bridge.follow(generation));
      }
    } catch (error) {
      await this.#judge(error);
    } finally {
      await this.#stopping.close();
    }
    await this.services.clear(this.job.id);
  }

  async #finish(end: End): Promise<void> {
    switch (end.outcome) {
      case 'success':
        try {
          return await this.#save(end.outputs);
        } finally {
          if (await forgive(this.#em, this.job.backendId)) this.#logger.info('a broken backend works again');
        }
      case 'error':
        return await this.#nodeFailure.handle(end);
      case 'interrupted':
        // Somebody else's interrupt is bad luck, not the user's wish.
        return await this.#stoppedOrLost('It was interrupted at the backend');
    }
  }

  async #save(outputs: Record<string, NodeOutput>): Promise<void> {
    const { storage, timings } = this.services;
    const pictures = await fetchPictures(outputs, this.job.id, {
      comfyui: this.tools.comfyui,
      storage,
      signal: this.#stopping.signal,
      retryDelayMs: timings.pictureRetryDelayMs,
      logger: this.#logger,
    });
    if (await saveResult(this.#em.fork(), this.job, pictures)) this.#ending.publish();
  }

  /** What was thrown: an end of the generation, a reason to let it go, or a fault of ours. */
  async #judge(error: unknown): Promise<void> {
    this.tools.signal.throwIfAborted();
    if (error instanceof StoppedError) return await this.#ending.end(this.#stopping.move);
    if (error instanceof PromptRefusedError) return await this.#refused(error);
    if (error instanceof PromptLostError) return await this.#lost(error);
    if (error instanceof ElsewhereError) return await this.#ending.requeue({ delayMs: 0, isSpent: false });
    if (error instanceof UnpreparableError)
      return await this.#ending.fail({ code: FailureCode.INVALID_WORKFLOW, message: error.message, retryable: false });
    if (error instanceof NoOutputError)
      return await this.#ending.fail({ code: FailureCode.NO_OUTPUT, message: error.message, retryable: false });
    if (error instanceof ResultUnavailableError) {
      this.#logger.error({ err: error }, 'the pictures cannot be kept');
      return await this.#ending.fail({ code: FailureCode.RESULT_UNAVAILABLE, message: error.message, retryable: true });
    }
    if (error instanceof UnsupportedError || error instanceof RequestRefusedError || error instanceof SubmitFailedError)
      return await this.#nodeFailure.refused(error);
    if (error instanceof ComfyUIError)
      return await this.#nodeFailure.blame({
        code: FailureCode.BACKEND_LOST,
        message: error.message,
        retryable: true,
      });
    throw error;
  }

  async #refused(error: PromptRefusedError): Promise<void> {
    if (await this.#isForAnother(error)) {
      if (!error.gone) await this.tools.comfyui.cancel(this.job.promptId, this.#stopping.signal);
      return await this.#ending.requeue({ delayMs: 0, isSpent: false });
    }
    const failure = explainRefusal(error);
    this.#logger.info({ failure }, 'ComfyUI refused the graph');
    const move: Move = (em) => transitions.fail(em, this.job, failure, this.job.attempt);
    if (error.gone) return await this.#ending.end(move);
    await this.#ending.settle(move);
    await this.#takeBack();
  }

  async #isForAnother(error: PromptRefusedError): Promise<boolean> {
    const { graph } = this.#bridge;
    const { signal } = this.#stopping;
    const isForAnother = await rerouteRefused(this.#em, this.services.backends, {
      graph,
      job: this.job,
      error,
      signal,
    });
    if (isForAnother)
      this.#logger.warn({ reason: error.message }, 'the backend lacks what the job needs; requeuing it');
    return isForAnother;
  }

  /** Where all was made before ComfyUI forgot it, the files may be there still. */
  async #lost({ succeeded, waited }: PromptLostError): Promise<void> {
    try {
      if (succeeded || this.#bridge.isAllMade) return await this.#save(this.#bridge.made);
    } catch (error) {
      if (!(error instanceof NoOutputError || error instanceof ResultUnavailableError)) throw error;
    }
    await this.#stoppedOrLost('The backend no longer knows it', waited);
  }

  async #stoppedOrLost(reason: string, waited: PromptLostError['waited'] = 'no'): Promise<void> {
    if (this.#stopping.isAsked) return await this.#ending.end(this.#stopping.move);
    // A ComfyUI that dies over each prompt is free again and again: the next attempt is elsewhere, where it can be.
    const avoid = (await this.#nodeFailure.canMove()) ? this.job.backendId : undefined;
    await this.#ending.sendAgain(reason, { waited, avoid });
  }

  /** The generation has ended already, its prompt may not have. */
  async #takeBack(): Promise<void> {
    await prompts.markCancelSent(this.#em, this.job);
    await this.tools.comfyui.cancel(this.job.promptId, this.#stopping.signal);
    await this.#ending.endPrompt();
  }

  /** Whether ComfyUI has made it meanwhile: then saving it is tried, once. */
  async #isWorthSaving({ crashes }: Generation): Promise<boolean> {
    if (crashes > MAX_CRASHES) return false;
    const ended = await this.tools.comfyui.history(this.job.promptId, this.tools.signal).catch(() => undefined);
    return ended !== undefined && outcomeOf(ended).outcome === 'success';
  }

  async #giveUp(): Promise<void> {
    const message = 'This server broke over it again and again';
    const failure = { code: FailureCode.INTERNAL, message, retryable: false };
    const attempt = (await prompts.isSubmitted(this.#em, this.job.promptId)) ? this.job.attempt : 0;
    await this.#ending.settle((em) => transitions.fail(em, this.job, failure, attempt));
    await this.#takeBack();
  }
}
