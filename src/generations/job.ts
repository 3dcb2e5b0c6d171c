/**
 * Carries one generation from its place on a backend to its end: builds the graph, follows the prompt, translates ComfyUI's words into
 * ours, and saves the result. Resuming after a crash is the same walk as running.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { PromptLostError, PromptRefusedError, type RunEvent } from '../comfyui/index.js';
import type { Job } from '../runner/claims.js';
import { type JobTools, LetGoError, type Work } from '../runner/runner.js';
import type { Storage } from '../storage/storage.js';
import { explainError, explainRefusal } from './explain.js';
import { type Failure, FailureCode } from './failure.js';
import { Generation } from './generation.js';
import { fetchPictures, NoOutputError, ResultUnavailableError } from './pictures.js';
import { prepareGraph, UnpreparableError } from './prepare-graph.js';
import { ProgressWriter } from './progress-writer.js';
import * as prompts from './prompts.js';
import { saveResult } from './save-result.js';
import { GenerationStatus, isFinal } from './status.js';
import * as transitions from './transitions.js';
import type { Updates } from './updates.js';

/** How often a prompt that its backend lost is sent, the first time included. */
const MAX_ATTEMPTS = 3;
/** How often the process may die over one job before the job is taken for the cause. */
const MAX_CRASHES = 5;
const SEND_AGAIN_AFTER_MS = 1_000;

export type JobServices = {
  orm: MikroORM;
  storage: Storage;
  updates: Updates;
  logger: Logger;
  generationTimeoutSeconds: number;
  configuredModel: string | undefined;
  /** Clears away a deleted generation whose prompt has ended. */
  clear: (id: string) => Promise<void>;
};

export const createWork =
  (services: JobServices): Work =>
  (job, tools) =>
    new Walk(services, job, tools).walk();

/** Thrown inside a walk to end it: the prompt is gone from ComfyUI because we asked for it, or never came there. */
class StoppedError extends Error {}

type End = Extract<RunEvent, { type: 'end' }>;

class Walk {
  readonly #em: SqlEntityManager;
  readonly #logger: Logger;
  /** Aborts the run without touching the prompt. */
  readonly #leave = new AbortController();
  readonly #signal: AbortSignal;
  #isAccepted = false;
  #isPosting = false;
  /** It is to be stopped, for the user or the deadline. */
  #isStopping = false;
  #takingOut: Promise<void> | undefined;
  #isTimedOut = false;

  constructor(
    private readonly services: JobServices,
    private readonly job: Job,
    private readonly tools: JobTools,
  ) {
    this.#em = services.orm.em.fork();
    this.#logger = services.logger.child({ generation: job.id, prompt: job.promptId, attempt: job.attempt });
    this.#signal = AbortSignal.any([tools.signal, this.#leave.signal]);
  }

  async walk(): Promise<void> {
    const generation = await this.#em.findOneOrFail(Generation, this.job.id);
    const onUnwanted = () => this.#stop();
    try {
      if (isFinal(generation.status)) return await this.#takeBack();
      if (generation.crashes >= MAX_CRASHES) return await this.#giveUp();
      if (generation.status === GenerationStatus.CANCELING || this.tools.unwanted.aborted) this.#stop();
      else this.tools.unwanted.addEventListener('abort', onUnwanted, { once: true });
      await this.#finish(await this.#follow(generation));
    } catch (error) {
      await this.#judge(error);
    } finally {
      this.tools.unwanted.removeEventListener('abort', onUnwanted);
      this.#leave.abort();
      await this.#takingOut;
    }
    await this.services.clear(this.job.id);
  }

  /** Yields to nobody: ends with ComfyUI's own end, or throws. */
  async #follow(generation: Generation): Promise<End> {
    const stored = await prompts.readPrompt(this.#em, this.job.promptId);
    const graph = await prepareGraph(generation, stored, this.job, {
      em: this.#em,
      storage: this.services.storage,
      comfyui: this.tools.comfyui,
      configuredModel: this.services.configuredModel,
      signal: this.#signal,
    });
    const progress = new ProgressWriter(this.services.orm, this.job, () => this.#publish(), this.#logger);
    const run = this.tools.comfyui.run(graph, {
      promptId: this.job.promptId,
      signal: this.#signal,
      fresh: !stored.isSubmitted,
      beforeSubmit: () => this.#beforeSubmit(),
      ...(stored.progress ? { progress: stored.progress } : {}),
    });
    try {
      for await (const event of run) {
        switch (event.type) {
          case 'submitted':
          case 'adopted':
            await this.#accepted();
            break;
          case 'running':
            await this.#started();
            break;
          case 'progress':
            progress.offer(event.progress);
            break;
          case 'preview':
            progress.offerFrame({ contentType: event.contentType, bytes: Buffer.from(event.image) });
            break;
          case 'unreachable':
            this.#logger.warn({ reason: event.reason }, 'ComfyUI does not answer; the job waits for it');
            break;
          case 'reachable':
          case 'executed':
            break;
          case 'end':
            return event;
          default:
            event satisfies never;
        }
      }
    } finally {
      await progress.close();
    }
    throw new Error('A run ended without an end');
  }

  /** The last look before ComfyUI hears of it: still ours, still wanted. */
  async #beforeSubmit(): Promise<void> {
    if (this.#isStopping) throw new StoppedError();
    this.#isPosting = true;
    const state = await prompts.markSubmitted(this.#em, this.job);
    if (state === 'wanted') return;
    this.#isPosting = false;
    throw state === 'unwanted' ? new StoppedError() : new LetGoError('The lease ran out before the prompt was sent');
  }

  async #accepted(): Promise<void> {
    this.#isAccepted = true;
    if (await transitions.accept(this.#em, this.job, this.job.attempt)) this.#publish();
    if (this.#isStopping) this.#stop();
  }

  async #started(): Promise<void> {
    this.#isAccepted = true;
    if (await transitions.start(this.#em, this.job)) this.#publish();
    void this.#watchDeadline();
  }

  async #watchDeadline(): Promise<void> {
    const limit = this.services.generationTimeoutSeconds;
    try {
      const left = await prompts.secondsLeft(this.#em, this.job.id, limit);
      await delay(left * 1000, undefined, { signal: this.#signal });
      this.#isTimedOut = true;
      this.#stop();
    } catch (error) {
      if (!this.#signal.aborted) this.#logger.error({ err: error }, 'the deadline cannot be watched');
    }
  }

  /**
   * Takes the prompt out of ComfyUI. Not while a POST is on its way: it would arrive after we had looked. A run that ComfyUI finishes all
   * the same ends by itself, and its end counts.
   */
  #stop(): void {
    this.#isStopping = true;
    if (this.#isPosting && !this.#isAccepted) return;
    this.#takingOut ??= this.#takeOut().catch((error) => {
      if (!this.#signal.aborted) this.#logger.error({ err: error }, 'the prompt could not be stopped');
    });
  }

  async #takeOut(): Promise<void> {
    const { isSubmitted } = await prompts.readPrompt(this.#em.fork(), this.job.promptId);
    if (!isSubmitted && !this.#isPosting) return this.#leave.abort(new StoppedError());
    const came = await this.tools.comfyui.cancel(this.job.promptId, this.#signal);
    if (came === 'gone') this.#leave.abort(new StoppedError());
  }

  async #finish(end: End): Promise<void> {
    switch (end.outcome) {
      case 'success':
        return await this.#save(end);
      case 'error':
        return await this.#fail(
          end.error
            ? explainError(end.error)
            : { code: FailureCode.INTERNAL, message: 'ComfyUI did not say what failed', retryable: true },
        );
      case 'interrupted':
        // Somebody else's interrupt is bad luck, not the user's wish.
        return this.#isStopping ? await this.#stopped() : await this.#sendAgain('It was interrupted at the backend');
    }
  }

  async #save(end: End): Promise<void> {
    const pictures = await fetchPictures(
      end.outputs,
      this.job.id,
      this.tools.comfyui,
      this.services.storage,
      this.#signal,
    );
    if (await saveResult(this.#em.fork(), this.job, pictures)) this.#publish();
  }

  /** What was thrown: an end of the generation, a reason to let it go, or a fault of ours. */
  async #judge(error: unknown): Promise<void> {
    this.tools.signal.throwIfAborted();
    if (error instanceof StoppedError) return await this.#stopped();
    if (error instanceof PromptRefusedError) {
      await this.#accepted();
      return await this.#fail(explainRefusal(error));
    }
    if (error instanceof UnpreparableError)
      return await this.#fail({ code: FailureCode.INVALID_WORKFLOW, message: error.message, retryable: false });
    if (error instanceof PromptLostError)
      return this.#isStopping ? await this.#stopped() : await this.#sendAgain('The backend no longer knows it');
    if (error instanceof NoOutputError)
      return await this.#fail({ code: FailureCode.NO_OUTPUT, message: error.message, retryable: false });
    if (error instanceof ResultUnavailableError) {
      this.#logger.error({ err: error }, 'the pictures cannot be kept');
      return await this.#fail({ code: FailureCode.RESULT_UNAVAILABLE, message: error.message, retryable: true });
    }
    throw error;
  }

  async #stopped(): Promise<void> {
    if (this.#isTimedOut)
      return await this.#fail({
        code: FailureCode.TIMED_OUT,
        message: `It ran for longer than ${this.services.generationTimeoutSeconds} seconds`,
        retryable: true,
      });
    await this.#end((em) => transitions.cancel(em, this.job));
  }

  async #sendAgain(reason: string): Promise<void> {
    this.#logger.warn({ reason }, 'the prompt is lost');
    if (this.job.attempt >= MAX_ATTEMPTS)
      return await this.#fail({
        code: FailureCode.BACKEND_LOST,
        message: `${reason}, and it was sent ${this.job.attempt} times`,
        retryable: true,
      });
    // The user may just have asked to stop it: then it is not sent again, but has stopped.
    const delayMs = SEND_AGAIN_AFTER_MS * this.job.attempt;
    await this.#end(
      async (em) => (await transitions.sendAgain(em, this.job, delayMs)) || (await transitions.cancel(em, this.job)),
    );
  }

  async #fail(failure: Failure): Promise<void> {
    this.#logger.info({ failure }, 'the generation failed');
    await this.#end((em) => transitions.fail(em, this.job, failure));
  }

  /** Its prompt is gone from ComfyUI: the status and the freed place are written together. */
  async #end(move: (em: SqlEntityManager) => Promise<boolean>): Promise<void> {
    await this.#em.fork().transactional(async (em) => {
      await move(em);
      await prompts.endPrompt(em, this.job);
    });
    this.#publish();
  }

  /** The generation has ended already, its prompt may not have: seen after a death between the two. */
  async #takeBack(): Promise<void> {
    await this.tools.comfyui.cancel(this.job.promptId, this.#signal);
    await prompts.endPrompt(this.#em, this.job);
  }

  async #giveUp(): Promise<void> {
    await this.tools.comfyui.cancel(this.job.promptId, this.#signal);
    await this.#fail({
      code: FailureCode.INTERNAL,
      message: 'This server broke over it again and again',
      retryable: false,
    });
  }

  #publish(): void {
    this.services.updates.publish(this.job);
  }
}
