/** Submits or adopts one prompt and follows it: turns ComfyUI's events into status, progress and previews, until ComfyUI reports its end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Graph, NodeOutput, RunEvent } from '../../comfyui/index.js';
import * as prompts from '../../runner/prompts.js';
import { JobReleasedError } from '../../runner/runner.js';
import type { Frame } from '../previews.js';
import * as transitions from '../transitions.js';
import { StoppedError } from './cancellation.js';
import type { JobContext } from './context.js';
import type { Outputs } from './fetch-outputs.js';
import { prepareGraph } from './prepare-graph.js';
import { ProgressWriter } from './progress-writer.js';
import { StallWatchdog } from './stall-watchdog.js';

export type PromptEnd = Extract<RunEvent, { type: 'end' }>;

export class Bridge {
  graph: Graph = {};
  /** The outputs that `executed` messages have named, by node. */
  outputs: Record<string, NodeOutput> = {};
  /** The graph is saved with the first POST of the prompt. */
  #unsaved: string | null = null;
  /** From just before a POST until ComfyUI is known to have the prompt. */
  #isInFlight = false;
  #isStarted = false;
  /** The newest preview. */
  lastFrame: Frame | undefined;

  constructor(
    private readonly context: JobContext,
    private readonly made: Outputs,
  ) {}

  /** Whether every node without a successor has named its output. */
  get hasAllOutputs(): boolean {
    const inner = new Set(Object.values(this.graph).flatMap(({ inputs }) => Object.values(inputs).map(sourceOf)));
    const last = Object.keys(this.graph).filter((id) => !inner.has(id));
    return last.length > 0 && last.every((id) => this.outputs[id] !== undefined);
  }

  /** Returns how the prompt ended in ComfyUI. @throws what prevents that: a StoppedError, a GenerationFailed, an error of ComfyUI … */
  async follow(): Promise<PromptEnd> {
    const { services, job, tools, cancellation, signal } = this.context;
    this.outputs = { ...job.outputs };
    this.graph = job.graph === null ? await prepareGraph(this.context) : (JSON.parse(job.graph) as Graph);
    this.#unsaved = job.graph === null ? JSON.stringify(this.graph) : null;
    const progress = new ProgressWriter(this.context, job.progress?.fraction ?? 0);
    const watchdog = new StallWatchdog(services.stallTimeoutSeconds, (failure) => cancellation.timeOut(failure));
    const run = tools.comfyui.run(this.graph, {
      promptId: job.promptId,
      signal,
      fresh: !job.isSubmitted,
      accepted: job.isAccepted,
      onOutput: (nodeId, output) => this.made.begin(nodeId, output),
      beforeSubmit: () => this.#beforeSubmit(),
      afterSubmit: () => tools.turn.end(),
      ...(job.progress ? { progress: job.progress } : {}),
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
        this.context.services.metrics.spent('submitting', (performance.now() - this.context.startedAt) / 1000);
        if (await this.#advance(event.running)) return;
        return await this.#cancelLate();
      case 'adopted':
        return void (await this.#advance(event.running));
      case 'running':
        if (!this.#isStarted) await this.#advance(true);
        return;
      case 'progress':
        watchdog.restart();
        return progress.offer(event.progress);
      case 'preview':
        watchdog.restart();
        this.lastFrame = { contentType: event.contentType, bytes: Buffer.from(event.image) };
        return progress.offerFrame(this.lastFrame);
      case 'executed':
        watchdog.restart();
        this.outputs[event.nodeId] = event.output;
        return progress.offerOutput(event.nodeId, event.output);
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
    const { cancellation, job, tools } = this.context;
    await tools.turn.begin();
    await this.#backendResponds();
    cancellation.beginPost();
    const state = await prompts.markSubmitted(this.context.services.statements, job, this.#unsaved);
    if (state !== 'lost') this.#unsaved = null;
    this.#isInFlight = state === 'wanted';
    if (this.#isInFlight) return;
    cancellation.abandonPost();
    throw state === 'unwanted'
      ? new StoppedError()
      : new JobReleasedError('The lease expired before the prompt was submitted');
  }

  /** A backend that was away may be back before a check has found that, when its job can still move to another one. */
  async #backendResponds(): Promise<void> {
    const { services, job, cancellation, signal } = this.context;
    const monitor = services.backends.get(job.backendId);
    if (!monitor || monitor.hasContact) return;
    await prompts.setIdle(this.context.em, job, true);
    // A cancel ends the wait, and then no POST begins.
    await monitor.contact(AbortSignal.any([signal, cancellation.requested])).catch(() => signal.throwIfAborted());
    await prompts.setIdle(this.context.em, job, false);
  }

  /** ComfyUI has the prompt, or executes it. Returns whether this process still holds the job. */
  async #advance(isRunning: boolean): Promise<boolean> {
    const { services, cancellation, job, tools } = this.context;
    tools.turn.end();
    this.#isInFlight = false;
    this.#isStarted = isRunning;
    const { isMoved, isHeld, age } = await transitions.advance(services.statements, job, job.attempt, isRunning);
    if (isMoved) this.#progressed();
    if (isRunning) cancellation.started(age);
    else cancellation.accepted();
    return isHeld;
  }

  /** A process that froze during the POST may submit a prompt after another process has taken the job: that copy is canceled. */
  async #cancelLate(): Promise<void> {
    const { em, job, tools } = this.context;
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

  /** The job has come further than where its holders crashed: it was not the cause. */
  #progressed(): void {
    this.context.job.crashes = 0;
    this.context.outcome.publish();
  }
}

/** The node that an input is linked to. */
const sourceOf = (input: unknown): unknown => (Array.isArray(input) ? input[0] : undefined);
