/** Runs one job: carries a generation from its slot on a backend to its end. */
import { recordSuccess } from '../../backends/breaker.js';
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
import { FailureCode, GenerationFailed } from '../failure.js';
import { GenerationStatus } from '../status.js';
import type { SavedResult } from '../transitions.js';
import * as transitions from '../transitions.js';
import { Bridge, type PromptEnd } from './bridge.js';
import { StoppedError } from './cancellation.js';
import { JobContext, type JobServices } from './context.js';
import { failureOfRejection } from './failure-messages.js';
import { Outputs } from './fetch-outputs.js';
import type { Move } from './finish.js';
import { NodeFailure } from './node-failure.js';
import { BackendUnsuitableError } from './prepare-graph.js';
import { rerouteRejected } from './reroute.js';
import { saveResult } from './save-result.js';

/** After this many crashes the generation fails. */
const MAX_CRASHES = 5;
/** The fence of a job's first holder. */
const FIRST_FENCE = 1;

export const createWork =
  (services: JobServices): Work =>
  (job, tools) =>
    new JobRun(services, job, tools).run();

/**
 * A run takes one of three ways. If the generation is final or runs elsewhere, the run only removes the prompt from ComfyUI. If too many of
 * its holders crashed, it fails the generation, then removes the prompt. Otherwise it follows the prompt to its end (`bridge.ts`), where
 * the generation is completed, failed, canceled or requeued (`finish.ts`); a cancel may cut this way short (`cancellation.ts`).
 *
 * Every way ends with the prompt ended in the database, or throws and leaves it open for the next holder. A run after a crash is the same
 * as the first one: what it has to do follows from the rows and from ComfyUI.
 */
class JobRun {
  readonly #context: JobContext;
  readonly #outputs: Outputs;
  readonly #bridge: Bridge;
  readonly #nodeFailure: NodeFailure;
  /** The generation is COMPLETED and not deleted: nothing of it has to be removed. */
  #isClear = false;

  constructor(
    services: JobServices,
    private readonly job: Job,
    private readonly tools: JobTools,
  ) {
    this.#context = new JobContext(services, job, tools);
    this.#outputs = new Outputs(this.#context);
    this.#bridge = new Bridge(this.#context, this.#outputs);
    this.#nodeFailure = new NodeFailure(this.#context);
  }

  async run(): Promise<void> {
    const { services, cancellation } = this.#context;
    const { isAbandoned, isFinal, crashes, fence, age } = this.job;
    if (fence === FIRST_FENCE) services.metrics.spent('queued', age.seconds);
    try {
      if (isAbandoned || isFinal) await this.#removePrompt();
      else if (crashes >= MAX_CRASHES && !(await this.#canBeSaved())) await this.#giveUp();
      else {
        cancellation.open();
        await this.#finish(await this.#bridge.follow());
      }
    } catch (error) {
      // ComfyUI may confirm a cancel at any time, also while an error is handled.
      await this.#handleError(error).catch(async (cause) => {
        if (!(cause instanceof StoppedError)) throw cause;
        await this.#handleError(cause);
      });
    } finally {
      await this.#outputs.close();
      await cancellation.close();
    }
    if (!this.#isClear) await services.clear(this.job.id);
  }

  async #finish(end: PromptEnd): Promise<void> {
    switch (end.outcome) {
      case 'success':
        try {
          if ((await this.#save(end.outputs, end.executedMs)).hasStrikes) await this.#recordSuccess();
        } catch (error) {
          await this.#recordSuccess();
          throw error;
        }
        return;
      case 'error':
        return await this.#nodeFailure.handle(end);
      case 'interrupted':
        // Another client of the backend may have interrupted it: only a requested cancel cancels the generation.
        return await this.#cancelOrRetry('The prompt was interrupted on the backend');
    }
  }

  async #save(outputs: Record<string, NodeOutput>, executedMs?: number): Promise<SavedResult> {
    const { metrics } = this.#context.services;
    const builtIn = this.job.workflowId === null ? this.job.workflowName : null;
    const endedAt = performance.now();
    const made = await this.#outputs.all(outputs);
    const saved = await saveResult(made, this.#context, {
      release: () => this.#outputs.release(),
      retain: (files) => this.#outputs.retain(files),
      executedMs,
      frame: this.#bridge.lastFrame,
    });
    if (saved.isCompleted) {
      this.#context.outcome.publish({ status: GenerationStatus.COMPLETED, isEnded: true, failureCode: null, builtIn });
      metrics.spent('saving', (performance.now() - endedAt) / 1000);
      if (executedMs !== undefined) metrics.spent('executing', executedMs / 1000);
    }
    this.#isClear = saved.isCompleted && !saved.isDeleted;
    return saved;
  }

  async #recordSuccess(): Promise<void> {
    const { em, logger } = this.#context;
    if (await recordSuccess(em, this.job.backendId)) logger.info('a broken backend works again');
  }

  /** Ends the generation or requeues it, as the error demands. Rethrows a release, and faults of this server. */
  async #handleError(error: unknown): Promise<void> {
    const { outcome, cancellation, logger } = this.#context;
    this.tools.signal.throwIfAborted();
    if (error instanceof StoppedError) return await outcome.finish(cancellation.move);
    if (error instanceof PromptRefusedError) return await this.#rejected(error);
    if (error instanceof PromptLostError) return await this.#lost(error);
    if (error instanceof BackendUnsuitableError) return await outcome.requeue({ delayMs: 0, isSpent: false });
    if (error instanceof GenerationFailed) {
      const { failure } = error;
      if (failure.code === FailureCode.RESULT_UNAVAILABLE) logger.error({ err: error }, 'could not save the outputs');
      return await outcome.fail(failure);
    }
    if (error instanceof UnsupportedError || error instanceof RequestRefusedError || error instanceof SubmitFailedError)
      return await this.#nodeFailure.backendRejects(error);
    if (error instanceof ComfyUIError)
      return await this.#nodeFailure.blameBackend({
        code: FailureCode.BACKEND_LOST,
        message: error.message,
        retryable: true,
      });
    throw error;
  }

  async #rejected(error: PromptRefusedError): Promise<void> {
    const { outcome, logger, signal } = this.#context;
    if (await rerouteRejected(this.#context, this.#bridge.graph, error)) {
      logger.warn({ reason: error.message }, 'the backend lacks what the job needs; requeuing it');
      if (!error.gone) await this.tools.comfyui.cancel(this.job.promptId, signal);
      return await outcome.requeue({ delayMs: 0, isSpent: false });
    }
    const failure = failureOfRejection(error);
    logger.info({ failure }, 'ComfyUI rejected the graph');
    const move: Move = (em) => transitions.fail(em, this.job, failure, this.job.attempt);
    if (error.gone) return await outcome.finish(move);
    await outcome.settle(move);
    await this.#removePrompt();
  }

  /** If all outputs were made before ComfyUI forgot the prompt, the files may still be there. */
  async #lost({ succeeded, waited }: PromptLostError): Promise<void> {
    try {
      if (succeeded || this.#bridge.hasAllOutputs) return void (await this.#save(this.#bridge.outputs));
    } catch (error) {
      if (!(error instanceof GenerationFailed)) throw error;
    }
    await this.#cancelOrRetry('The backend no longer knows the prompt', waited);
  }

  async #cancelOrRetry(reason: string, waited: PromptLostError['waited'] = 'no'): Promise<void> {
    const { outcome, cancellation } = this.#context;
    if (cancellation.isRequested) return await outcome.finish(cancellation.move);
    // A ComfyUI that crashes on each prompt soon has a free slot again: the next attempt avoids it if another backend can run the job.
    const avoid = (await this.#nodeFailure.canMove()) ? this.job.backendId : undefined;
    await outcome.retry(reason, { waited, avoid });
  }

  /** Removes the prompt of a generation that is final or runs elsewhere. */
  async #removePrompt(): Promise<void> {
    const { em, outcome, signal } = this.#context;
    await prompts.markCancelSent(em, this.job);
    await this.tools.comfyui.cancel(this.job.promptId, signal);
    await outcome.endPrompt();
  }

  /** Whether ComfyUI has finished the prompt meanwhile. Saving its result is tried once. */
  async #canBeSaved(): Promise<boolean> {
    if (this.job.crashes > MAX_CRASHES) return false;
    const entry = await this.tools.comfyui.history(this.job.promptId, this.tools.signal).catch(() => undefined);
    return entry !== undefined && outcomeOf(entry).outcome === 'success';
  }

  async #giveUp(): Promise<void> {
    const { em, outcome } = this.#context;
    const message = 'This server crashed repeatedly while it ran the generation';
    const failure = { code: FailureCode.INTERNAL, message, retryable: false };
    const attempt = (await prompts.isSubmitted(em, this.job.promptId)) ? this.job.attempt : 0;
    await outcome.settle((em) => transitions.fail(em, this.job, failure, attempt));
    await this.#removePrompt();
  }
}
