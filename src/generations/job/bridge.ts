/** Submits or adopts one prompt and follows it: turns ComfyUI's events into status, progress and previews, until ComfyUI reports its end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Graph, NodeOutput, RunEvent } from '../../comfyui/index.js';
import * as prompts from '../../runner/prompts.js';
import { JobReleasedError } from '../../runner/runner.js';
import type { Generation } from '../generation.js';
import * as transitions from '../transitions.js';
import { StoppedError } from './cancellation.js';
import type { JobContext } from './context.js';
import { saveEta } from './eta.js';
import { prepareGraph } from './prepare-graph.js';
import { ProgressWriter } from './progress-writer.js';
import { StallWatchdog } from './stall-watchdog.js';

export type PromptEnd = Extract<RunEvent, { type: 'end' }>;

export class Bridge {
  graph: Graph = {};
  /** The outputs that `executed` messages have named, by node. */
  outputs: Record<string, NodeOutput> = {};
  /** From just before a POST until ComfyUI is known to have the prompt. */
  #isInFlight = false;

  constructor(private readonly context: JobContext) {}

  /** Whether every node without a successor has named its output. */
  get hasAllOutputs(): boolean {
    const inner = new Set(Object.values(this.graph).flatMap(({ inputs }) => Object.values(inputs).map(sourceOf)));
    const last = Object.keys(this.graph).filter((id) => !inner.has(id));
    return last.length > 0 && last.every((id) => this.outputs[id] !== undefined);
  }

  /** Returns how the prompt ended in ComfyUI. @throws what prevents that: a StoppedError, a GenerationFailed, an error of ComfyUI … */
  async follow(generation: Generation): Promise<PromptEnd> {
    const { services, job, tools, cancellation, signal } = this.context;
    const stored = await prompts.readPrompt(this.context.em, job.promptId);
    this.outputs = stored.outputs;
    this.graph = await prepareGraph(generation, stored, this.context);
    const progress = new ProgressWriter(this.context, stored.progress?.fraction ?? 0);
    const watchdog = new StallWatchdog(services.stallTimeoutSeconds, (failure) => cancellation.timeOut(failure));
    const run = tools.comfyui.run(this.graph, {
      promptId: job.promptId,
      signal,
      fresh: !stored.isSubmitted,
      accepted: generation.attempt >= job.attempt,
      beforeSubmit: () => this.#beforeSubmit(),
      ...(stored.progress ? { progress: stored.progress } : {}),
    });
    try {
      for await (const event of run) {
        if (event.type === 'end') return event;
        await this.#handle(event, progress, watchdog);
      }
    } catch (error) {
      if (this.#isInFlight)
        await this.#cancelInFlight().catch((cause) =>
          this.context.logger.warn({ err: cause }, 'could not cancel a prompt that was submitted too late'),
        );
      throw error;
    } finally {
      watchdog.close();
      await progress.close();
    }
    throw new Error('The events of a prompt stopped before its end');
  }

  async #handle(event: Exclude<RunEvent, PromptEnd>, progress: ProgressWriter, watchdog: StallWatchdog): Promise<void> {
    const { job, logger } = this.context;
    switch (event.type) {
      case 'submitted':
        this.#isInFlight = false;
        await this.#accepted();
        return await this.#cancelIfLate();
      case 'adopted':
        this.#isInFlight = false;
        return await this.#accepted();
      case 'running':
        return await this.#started();
      case 'progress':
        watchdog.restart();
        return progress.offer(event.progress);
      case 'preview':
        watchdog.restart();
        return progress.offerFrame({ contentType: event.contentType, bytes: Buffer.from(event.image) });
      case 'executed':
        watchdog.restart();
        this.outputs[event.nodeId] = event.output;
        return await prompts.saveOutput(this.context.em, job, event.nodeId, event.output);
      case 'unreachable':
        watchdog.pause();
        await prompts.setIdle(this.context.em, job, true);
        return logger.warn({ reason: event.reason }, 'backend is unreachable; the job waits for it');
      case 'reachable':
        watchdog.resume();
        return await prompts.setIdle(this.context.em, job, false);
      default:
        event satisfies never;
    }
  }

  /** The last check before the POST: this process still holds the job, and the user still wants it. */
  async #beforeSubmit(): Promise<void> {
    const { cancellation, job } = this.context;
    cancellation.beginPost();
    const state = await prompts.markSubmitted(this.context.em, job);
    this.#isInFlight = state === 'wanted';
    if (this.#isInFlight) return;
    cancellation.abandonPost();
    throw state === 'unwanted'
      ? new StoppedError()
      : new JobReleasedError('The lease expired before the prompt was submitted');
  }

  async #accepted(): Promise<void> {
    const { cancellation, job } = this.context;
    if (await transitions.accept(this.context.em, job, job.attempt)) this.#progressed();
    cancellation.accepted();
    await prompts.setIdle(this.context.em, job, true);
  }

  /** A process that froze during the POST may submit a prompt after another process has taken the job: that copy is canceled. */
  async #cancelIfLate(): Promise<void> {
    const { em, job, tools } = this.context;
    if (await prompts.isHeld(em, job)) return;
    // The new holder may run its own copy under the same id. Only if the prompt has ended can the running copy be ours.
    if (await prompts.isOpen(em, job.promptId)) await tools.comfyui.dequeue(job.promptId, this.#lateSignal());
    else await tools.comfyui.cancel(job.promptId, this.#lateSignal());
    throw new JobReleasedError('Another process has taken this job');
  }

  /** The job was lost before ComfyUI responded to the POST: the prompt may still arrive, and is canceled then. */
  async #cancelInFlight(): Promise<void> {
    const { em, job, tools, services } = this.context;
    if (await prompts.isHeld(em, job)) return;
    const signal = this.#lateSignal();
    await delay(services.timings.comfyui.inFlightTimeoutMs);
    // While the new holder follows its own copy, it removes other copies itself.
    if (!(await prompts.isOpen(em, job.promptId))) await tools.comfyui.cancel(job.promptId, signal);
  }

  #lateSignal(): AbortSignal {
    this.context.logger.warn('the prompt was submitted after another process had taken the job; canceling it');
    return AbortSignal.timeout(this.context.services.timings.unwantedPromptTimeoutMs);
  }

  async #started(): Promise<void> {
    const { em, job, cancellation } = this.context;
    await prompts.setIdle(em, job, false);
    await saveEta(em, job);
    if (await transitions.start(em, job)) this.#progressed();
    cancellation.started();
  }

  /** The job has come further than where its holders crashed: it was not the cause. */
  #progressed(): void {
    this.context.job.crashes = 0;
    this.context.outcome.publish();
  }
}

/** The node that an input is linked to. */
const sourceOf = (input: unknown): unknown => (Array.isArray(input) ? input[0] : undefined);
