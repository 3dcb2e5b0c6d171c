/**
 * Writes what a job has reached: the newest progress and preview at most a few times a second, and outputs soon. What the end of the job
 * overtakes is not written.
 */
import type { NodeOutput, PromptProgress } from '../../comfyui/index.js';
import { reachedValues, SAVE_REACHED } from '../../runner/prompts.js';
import { type Frame, previewValues, SAVE_PREVIEW } from '../previews.js';
import type { JobContext } from './context.js';

/** Long enough that a job that takes no time writes nothing on its way. */
const FIRST_WRITE_DELAY_MS = 20;

export class ProgressWriter {
  #progress: PromptProgress | undefined;
  #outputs: Record<string, NodeOutput> = {};
  #frame: Frame | undefined;
  #frameAt = Number.NEGATIVE_INFINITY;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly context: JobContext,
    /** The saved progress of an earlier holder. */
    private readonly startFraction: number,
  ) {}

  offer(progress: PromptProgress): void {
    this.#progress = progress;
    this.#schedule();
  }

  offerFrame(frame: Frame): void {
    this.#frame = frame;
    this.#schedule();
  }

  /** ComfyUI may forget an output before it is fetched: it is written without waiting for the next progress. */
  offerOutput(nodeId: string, output: NodeOutput): void {
    this.#outputs[nodeId] = output;
    this.#schedule();
  }

  /** Drops what is unwritten: the end of the job follows. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  get #hasOutputs(): boolean {
    return Object.keys(this.#outputs).length > 0;
  }

  #schedule(): void {
    if (this.#isClosed || this.#isWriting) return;
    const soon = performance.now() + FIRST_WRITE_DELAY_MS;
    const next = Math.max(soon, this.#writtenAt + this.context.services.timings.progressIntervalMs);
    const dueAt = this.#hasOutputs ? soon : next;
    if (this.#dueAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(
      () => {
        this.#isWriting = true;
        this.#dueAt = Number.POSITIVE_INFINITY;
        this.#writtenAt = performance.now();
        this.#writing = this.#write().finally(() => {
          this.#isWriting = false;
          if (this.#progress || this.#frame || this.#hasOutputs) this.#schedule();
        });
      },
      Math.max(0, dueAt - performance.now()),
    );
  }

  async #write(): Promise<void> {
    const { job, services, outcome, logger } = this.context;
    const { previewIntervalMs } = services.timings;
    const progress = this.#progress;
    const outputs = this.#outputs;
    const frame = performance.now() - this.#frameAt >= previewIntervalMs ? this.#frame : undefined;
    this.#progress = undefined;
    this.#outputs = {};
    if (frame) {
      this.#frame = undefined;
      this.#frameAt = performance.now();
    }
    if (!progress && !frame && Object.keys(outputs).length === 0) return;
    // The job has come further than where its holders crashed: it was not the cause.
    const isProgress = job.crashes > 0 && progress !== undefined && progress.fraction > this.startFraction;
    const parts = [
      ...(frame ? [`preview as (${SAVE_PREVIEW})`] : []),
      ...(isProgress ? ['g as (update generations set crashes = 0 where id = ? and fence = ?)'] : []),
    ];
    try {
      await services.statements.execute(`${parts.length > 0 ? `with ${parts.join()}` : ''} ${SAVE_REACHED}`, [
        ...(frame ? previewValues(job, frame, previewIntervalMs) : []),
        ...(isProgress ? [job.id, job.fence] : []),
        ...reachedValues(job, { progress, outputs }),
      ]);
      if (isProgress) job.crashes = 0;
      if (progress || frame) outcome.publish();
    } catch (error) {
      this.#outputs = { ...outputs, ...this.#outputs };
      logger.warn({ err: error }, 'could not write progress');
    }
  }
}
