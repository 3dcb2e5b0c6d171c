/** Sends one prompt and follows it: turns what ComfyUI says of it into status, progress and previews, until it says how it ended. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Graph, NodeOutput, RunEvent } from '../../comfyui/index.js';
import type { Job } from '../../runner/leases.js';
import * as prompts from '../../runner/prompts.js';
import { JobReleasedError, type JobTools } from '../../runner/runner.js';
import type { Generation } from '../generation.js';
import * as transitions from '../transitions.js';
import { StoppedError, type Stopping } from './cancellation.js';
import { saveEta } from './eta.js';
import type { Ending } from './finish.js';
import type { JobServices } from './job.js';
import { prepareGraph } from './prepare-graph.js';
import { ProgressWriter } from './progress-writer.js';
import { Stall } from './stall-watchdog.js';

export type End = Extract<RunEvent, { type: 'end' }>;

export class Bridge {
  readonly #em: SqlEntityManager;
  graph: Graph = {};
  /** From when a prompt may be sent until ComfyUI is known to have it. */
  #isOnItsWay = false;
  /** What the nodes were heard to have made. */
  made: Record<string, NodeOutput> = {};

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

  /** Whether each node that no other one waits for is known to have made something. */
  get isAllMade(): boolean {
    const inner = new Set(Object.values(this.graph).flatMap(({ inputs }) => Object.values(inputs).map(sourceOf)));
    const last = Object.keys(this.graph).filter((id) => !inner.has(id));
    return last.length > 0 && last.every((id) => this.made[id] !== undefined);
  }

  /** Ends with ComfyUI's own end, or throws. */
  async follow(generation: Generation): Promise<End> {
    const { orm, backends, storage, workflows, configuredModel, stallTimeoutSeconds, timings } = this.services;
    const { signal } = this.stopping;
    const stored = await prompts.readPrompt(this.#em, this.job.promptId);
    this.made = stored.outputs;
    this.graph = await prepareGraph(generation, stored, this.job, {
      em: this.#em,
      backends,
      storage,
      workflows,
      comfyui: this.tools.comfyui,
      configuredModel,
      uploadRetryDelayMs: timings.uploadRetryDelayMs,
      signal,
    });
    const startFraction = stored.progress?.fraction ?? 0;
    const progress = new ProgressWriter(
      orm,
      this.job,
      startFraction,
      () => this.ending.publish(),
      timings,
      this.logger,
    );
    const stall = new Stall(stallTimeoutSeconds, (failure) => this.stopping.giveUp(failure));
    const run = this.tools.comfyui.run(this.graph, {
      promptId: this.job.promptId,
      signal,
      fresh: !stored.isSubmitted,
      accepted: generation.attempt >= this.job.attempt,
      beforeSubmit: () => this.#beforeSubmit(),
      ...(stored.progress ? { progress: stored.progress } : {}),
    });
    try {
      for await (const event of run) {
        switch (event.type) {
          case 'submitted':
            this.#isOnItsWay = false;
            await this.#accepted();
            await this.#takeBackIfLate();
            break;
          case 'adopted':
            this.#isOnItsWay = false;
            await this.#accepted();
            break;
          case 'running':
            await this.#started();
            break;
          case 'progress':
            stall.heard();
            progress.offer(event.progress);
            break;
          case 'preview':
            stall.heard();
            progress.offerFrame({ contentType: event.contentType, bytes: Buffer.from(event.image) });
            break;
          case 'executed':
            stall.heard();
            this.made[event.nodeId] = event.output;
            await prompts.saveOutput(this.#em, this.job, event.nodeId, event.output);
            break;
          case 'unreachable':
            stall.unreachable();
            await prompts.setIdle(this.#em, this.job, true);
            this.logger.warn({ reason: event.reason }, 'ComfyUI does not answer; the job waits for it');
            break;
          case 'reachable':
            stall.reachable();
            await prompts.setIdle(this.#em, this.job, false);
            break;
          case 'end':
            return event;
          default:
            event satisfies never;
        }
      }
    } catch (error) {
      if (this.#isOnItsWay)
        await this.#takeBackWhatMayCome().catch((cause) =>
          this.logger.warn({ err: cause }, 'a prompt that was sent too late could not be taken back'),
        );
      throw error;
    } finally {
      stall.close();
      await progress.close();
    }
    throw new Error('A run ended without an end');
  }

  /** The last look before ComfyUI hears of it: still ours, still wanted. */
  async #beforeSubmit(): Promise<void> {
    this.stopping.posting();
    const state = await prompts.markSubmitted(this.#em, this.job);
    this.#isOnItsWay = state === 'wanted';
    if (this.#isOnItsWay) return;
    this.stopping.notPosted();
    throw state === 'unwanted'
      ? new StoppedError()
      : new JobReleasedError('The lease ran out before the prompt was sent');
  }

  async #accepted(): Promise<void> {
    if (await transitions.accept(this.#em, this.job, this.job.attempt)) this.#cameOn();
    this.stopping.accepted();
    await prompts.setIdle(this.#em, this.job, true);
  }

  /** A process that froze as it sent may come after another one that took the job: what it sent then is one too many. */
  async #takeBackIfLate(): Promise<void> {
    if (await prompts.isHeld(this.#em, this.job)) return;
    const { promptId } = this.job;
    // The other's own may run under the same id: only where that has ended is what runs ours.
    if (await prompts.isOpen(this.#em, promptId)) await this.tools.comfyui.dequeue(promptId, this.#takingBack());
    else await this.tools.comfyui.cancel(promptId, this.#takingBack());
    throw new JobReleasedError('Another process has taken this job');
  }

  /** The same where it heard that it has lost the job before ComfyUI answered: the prompt may still arrive. */
  async #takeBackWhatMayCome(): Promise<void> {
    if (await prompts.isHeld(this.#em, this.job)) return;
    const signal = this.#takingBack();
    await delay(this.services.timings.comfyui.inFlightTimeoutMs);
    // While the other one follows its own, it removes what comes beside it.
    if (!(await prompts.isOpen(this.#em, this.job.promptId)))
      await this.tools.comfyui.cancel(this.job.promptId, signal);
  }

  #takingBack(): AbortSignal {
    this.logger.warn('the prompt was sent after another process had taken the job, and is taken back');
    return AbortSignal.timeout(this.services.timings.takeBackTimeoutMs);
  }

  async #started(): Promise<void> {
    await prompts.setIdle(this.#em, this.job, false);
    await saveEta(this.#em, this.job);
    if (await transitions.start(this.#em, this.job)) this.#cameOn();
    this.stopping.started();
  }

  /** Further than where processes died over it: it was not the cause. */
  #cameOn(): void {
    this.job.crashes = 0;
    this.ending.publish();
  }
}

/** The node that an input is linked to. */
const sourceOf = (input: unknown): unknown => (Array.isArray(input) ? input[0] : undefined);
