/** Writes the newest progress and preview of a job, at most a few times a second. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { PromptProgress } from '../../comfyui/index.js';
import { saveProgress, touchProgress } from '../../runner/prompts.js';
import { type Frame, savePreview } from '../previews.js';
import type { JobContext } from './context.js';

export class ProgressWriter {
  #progress: PromptProgress | undefined;
  #frame: Frame | undefined;
  #frameAt = Number.NEGATIVE_INFINITY;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
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

  /** Drops unwritten progress: the end of the job follows. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer) return;
    const wait = Math.max(0, this.#writtenAt + this.context.services.timings.progressIntervalMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#writtenAt = performance.now();
      this.#writing = this.#write().finally(() => {
        this.#timer = undefined;
        if (this.#progress || this.#frame) this.#schedule();
      });
    }, wait);
  }

  async #write(): Promise<void> {
    const progress = this.#progress;
    const frame =
      performance.now() - this.#frameAt >= this.context.services.timings.previewIntervalMs ? this.#frame : undefined;
    this.#progress = undefined;
    if (frame) {
      this.#frame = undefined;
      this.#frameAt = performance.now();
    }
    if (!progress && !frame) return;
    try {
      await this.context.em.transactional(async (em) => {
        // The next write follows in a moment: this one need not wait for the disk.
        await em.execute('set local synchronous_commit = off');
        if (frame) await savePreview(em, this.context.job, frame, this.context.services.timings.previewIntervalMs);
        if (progress && this.context.job.crashes > 0 && progress.fraction > this.startFraction)
          await this.#clearCrashes(em);
        if (progress) await saveProgress(em, this.context.job, progress);
        else await touchProgress(em, this.context.job);
      });
      this.context.outcome.publish();
    } catch (error) {
      this.context.logger.warn({ err: error }, 'could not write progress');
    }
  }

  /** The job has come further than where its holders crashed: it was not the cause. */
  async #clearCrashes(em: SqlEntityManager): Promise<void> {
    await em.execute('update generations set crashes = 0 where id = ? and fence = ?', [
      this.context.job.id,
      this.context.job.fence,
    ]);
    this.context.job.crashes = 0;
  }
}
