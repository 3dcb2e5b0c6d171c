/**
 * Carries one generation from its place on a backend to its end: builds the graph, follows the prompt, translates ComfyUI's words into
 * ours, and saves the result. Resuming after a crash is the same walk as running. How it is stopped is in `stopping.ts`.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../backends/backends.js';
import { type Graph, type NodeOutput, PromptLostError, PromptRefusedError, type RunEvent } from '../comfyui/index.js';
import type { Job } from '../runner/leases.js';
import { type JobTools, LetGoError, type Work } from '../runner/runner.js';
import type { Storage } from '../storage/storage.js';
import type { Limits } from './deadline.js';
import { Ending, type Move } from './ending.js';
import { explainError, explainRefusal } from './explain.js';
import { type Failure, FailureCode } from './failure.js';
import { Generation } from './generation.js';
import { fetchPictures, NoOutputError, ResultUnavailableError } from './pictures.js';
import { ElsewhereError, prepareGraph, UnpreparableError } from './prepare-graph.js';
import { ProgressWriter } from './progress-writer.js';
import * as prompts from './prompts.js';
import { saveResult } from './save-result.js';
import { Stall } from './stall.js';
import { GenerationStatus, isFinal } from './status.js';
import { StoppedError, Stopping } from './stopping.js';
import * as transitions from './transitions.js';
import type { Updates } from './updates.js';

/** For so long a prompt that was sent too late is chased. */
const TAKE_BACK_MS = 10_000;
/** How often the process may die over one job before the job is taken for the cause. */
const MAX_CRASHES = 5;

export type JobServices = Limits & {
  orm: MikroORM;
  storage: Storage;
  updates: Updates;
  logger: Logger;
  backends: Backends;
  configuredModel: string | undefined;
  /** Clears away a deleted generation whose prompt has ended. */
  clear: (id: string) => Promise<void>;
};

export const createWork =
  (services: JobServices): Work =>
  (job, tools) =>
    new Walk(services, job, tools).walk();

type End = Extract<RunEvent, { type: 'end' }>;

class Walk {
  readonly #em: SqlEntityManager;
  readonly #logger: Logger;
  readonly #ending: Ending;
  readonly #stopping: Stopping;
  readonly #stall: Stall;
  #graph: Graph = {};
  /** What the nodes were heard to have made. */
  #made: Record<string, NodeOutput> = {};

  constructor(
    private readonly services: JobServices,
    private readonly job: Job,
    private readonly tools: JobTools,
  ) {
    this.#em = services.orm.em.fork();
    this.#logger = services.logger.child({ generation: job.id, prompt: job.promptId, attempt: job.attempt });
    this.#ending = new Ending(services, job, this.#logger);
    this.#stopping = new Stopping(services, job, tools, this.#ending, this.#logger);
    this.#stall = new Stall(services.stallTimeoutSeconds, (failure) => this.#stopping.giveUp(failure));
  }

  async walk(): Promise<void> {
    const generation = await this.#em.findOneOrFail(Generation, this.job.id);
    try {
      if (this.job.isAbandoned || isFinal(generation.status)) await this.#takeBack();
      else if (generation.crashes >= MAX_CRASHES) await this.#giveUp();
      else {
        this.#stopping.open(generation.status === GenerationStatus.CANCELING);
        await this.#finish(await this.#follow(generation), generation.freed);
      }
    } catch (error) {
      await this.#judge(error);
    } finally {
      this.#stall.close();
      await this.#stopping.close();
    }
    await this.services.clear(this.job.id);
  }

  /** Yields to nobody: ends with ComfyUI's own end, or throws. */
  async #follow(generation: Generation): Promise<End> {
    const stored = await prompts.readPrompt(this.#em, this.job.promptId);
    this.#made = stored.outputs;
    this.#graph = await prepareGraph(generation, stored, this.job, {
      em: this.#em,
      backends: this.services.backends,
      storage: this.services.storage,
      comfyui: this.tools.comfyui,
      configuredModel: this.services.configuredModel,
      signal: this.#stopping.signal,
    });
    const progress = new ProgressWriter(
      this.services.orm,
      this.job,
      stored.progress?.fraction ?? 0,
      () => this.#ending.publish(),
      this.#logger,
    );
    const run = this.tools.comfyui.run(this.#graph, {
      promptId: this.job.promptId,
      signal: this.#stopping.signal,
      fresh: !stored.isSubmitted,
      beforeSubmit: () => this.#beforeSubmit(),
      ...(stored.progress ? { progress: stored.progress } : {}),
    });
    try {
      for await (const event of run) {
        switch (event.type) {
          case 'submitted':
            await this.#accepted();
            await this.#takeBackIfLate();
            break;
          case 'adopted':
            await this.#accepted();
            break;
          case 'running':
            await this.#started();
            break;
          case 'progress':
            this.#stall.heard();
            progress.offer(event.progress);
            break;
          case 'preview':
            this.#stall.heard();
            progress.offerFrame({ contentType: event.contentType, bytes: Buffer.from(event.image) });
            break;
          case 'unreachable':
            this.#stall.unreachable();
            this.#logger.warn({ reason: event.reason }, 'ComfyUI does not answer; the job waits for it');
            break;
          case 'executed':
            this.#stall.heard();
            this.#made[event.nodeId] = event.output;
            await prompts.noteOutput(this.#em, this.job, event.nodeId, event.output);
            break;
          case 'reachable':
            this.#stall.reachable();
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
    this.#stopping.posting();
    const state = await prompts.markSubmitted(this.#em, this.job);
    if (state === 'wanted') return;
    this.#stopping.notPosted();
    throw state === 'unwanted' ? new StoppedError() : new LetGoError('The lease ran out before the prompt was sent');
  }

  async #accepted(): Promise<void> {
    if (await transitions.accept(this.#em, this.job, this.job.attempt)) this.#ending.publish();
    this.#stopping.accepted();
  }

  /** A process that froze as it sent may come after another one that took the job: what it sent then is one too many. */
  async #takeBackIfLate(): Promise<void> {
    if (await prompts.isHeld(this.#em, this.job)) return;
    const { promptId } = this.job;
    this.#logger.warn('the prompt was sent after another process had taken the job, and is taken back');
    const signal = AbortSignal.any([this.tools.signal, AbortSignal.timeout(TAKE_BACK_MS)]);
    // The other's own may run under the same id: only where it has ended is what runs ours.
    if (await prompts.isOpen(this.#em, promptId)) await this.tools.comfyui.dequeue(promptId, signal);
    else await this.tools.comfyui.cancel(promptId, signal);
    throw new LetGoError('Another process has taken this job');
  }

  async #started(): Promise<void> {
    if (await transitions.start(this.#em, this.job)) this.#ending.publish();
    this.#stopping.started();
  }

  async #finish(end: End, isFreed: boolean): Promise<void> {
    switch (end.outcome) {
      case 'success':
        return await this.#save(end.outputs);
      case 'error':
        return await this.#failed(
          end.error
            ? explainError(end.error)
            : { code: FailureCode.INTERNAL, message: 'ComfyUI did not say what failed', retryable: true },
          isFreed,
        );
      case 'interrupted':
        // Somebody else's interrupt is bad luck, not the user's wish.
        return await this.#stoppedOrLost('It was interrupted at the backend');
    }
  }

  /** Memory may be short only because of what ran before: it is freed, and the job sent once more. */
  async #failed(failure: Failure, isFreed: boolean): Promise<void> {
    if (
      failure.code !== FailureCode.OUT_OF_MEMORY ||
      isFreed ||
      this.#stopping.isAsked ||
      !this.#ending.hasAttemptsLeft
    )
      return await this.#ending.fail(failure);
    await this.tools.comfyui
      .free({ unload_models: true, free_memory: true }, this.#stopping.signal)
      .catch((error) => this.#logger.warn({ err: error }, 'the backend could not be told to free its memory'));
    await this.#ending.sendAgainAfterFreeing();
  }

  async #save(outputs: Record<string, NodeOutput>): Promise<void> {
    const { storage } = this.services;
    const pictures = await fetchPictures(outputs, this.job.id, this.tools.comfyui, storage, this.#stopping.signal);
    if (await saveResult(this.#em.fork(), this.job, pictures)) this.#ending.publish();
  }

  /** What was thrown: an end of the generation, a reason to let it go, or a fault of ours. */
  async #judge(error: unknown): Promise<void> {
    this.tools.signal.throwIfAborted();
    if (error instanceof StoppedError) return await this.#ending.end(this.#stopping.move);
    if (error instanceof PromptRefusedError) return await this.#refused(error);
    if (error instanceof PromptLostError) return await this.#lost(error);
    if (error instanceof ElsewhereError) return await this.#ending.putBack();
    if (error instanceof UnpreparableError)
      return await this.#ending.fail({ code: FailureCode.INVALID_WORKFLOW, message: error.message, retryable: false });
    if (error instanceof NoOutputError)
      return await this.#ending.fail({ code: FailureCode.NO_OUTPUT, message: error.message, retryable: false });
    if (error instanceof ResultUnavailableError) {
      this.#logger.error({ err: error }, 'the pictures cannot be kept');
      return await this.#ending.fail({ code: FailureCode.RESULT_UNAVAILABLE, message: error.message, retryable: true });
    }
    throw error;
  }

  async #refused(error: PromptRefusedError): Promise<void> {
    const failure = explainRefusal(error);
    this.#logger.info({ failure }, 'ComfyUI refused the graph');
    const move: Move = (em) => transitions.fail(em, this.job, failure, this.job.attempt);
    if (error.gone) return await this.#ending.end(move);
    await this.#ending.settle(move);
    await this.#takeBack();
  }

  /** Where all was made before ComfyUI forgot it, the files may be there still. */
  async #lost({ succeeded }: PromptLostError): Promise<void> {
    try {
      if (succeeded || this.#isAllMade) return await this.#save(this.#made);
    } catch (error) {
      if (!(error instanceof NoOutputError || error instanceof ResultUnavailableError)) throw error;
    }
    await this.#stoppedOrLost('The backend no longer knows it');
  }

  /** Whether each node that no other one waits for is known to have made something. */
  get #isAllMade(): boolean {
    const inner = new Set(Object.values(this.#graph).flatMap(({ inputs }) => Object.values(inputs).map(sourceOf)));
    const last = Object.keys(this.#graph).filter((id) => !inner.has(id));
    return last.length > 0 && last.every((id) => this.#made[id] !== undefined);
  }

  #stoppedOrLost(reason: string): Promise<void> {
    return this.#stopping.isAsked ? this.#ending.end(this.#stopping.move) : this.#ending.sendAgain(reason);
  }

  /** The generation has ended already, its prompt may not have. */
  async #takeBack(): Promise<void> {
    await prompts.noteStopAsked(this.#em, this.job);
    await this.tools.comfyui.cancel(this.job.promptId, this.#stopping.signal);
    await this.#ending.endPrompt();
  }

  async #giveUp(): Promise<void> {
    const message = 'This server broke over it again and again';
    const failure = { code: FailureCode.INTERNAL, message, retryable: false };
    await this.#ending.settle((em) => transitions.fail(em, this.job, failure));
    await this.#takeBack();
  }
}

/** The node that an input is linked to. */
const sourceOf = (input: unknown): unknown => (Array.isArray(input) ? input[0] : undefined);
