/** Writes a job's progress and previews as they come, the newest only, and never faster than people can see. */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { PromptProgress } from '../../comfyui/index.js';
import type { Timings } from '../../process/timings.js';
import type { Job } from '../../runner/leases.js';
import { saveProgress, touchProgress } from '../../runner/prompts.js';
import { type Frame, savePreview } from '../previews.js';

export class ProgressWriter {
  #progress: PromptProgress | undefined;
  #frame: Frame | undefined;
  #frameAt = Number.NEGATIVE_INFINITY;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly orm: MikroORM,
    private readonly job: Job,
    /** How far it had come when it was taken up. */
    private readonly startFraction: number,
    private readonly onWritten: () => void,
    private readonly timings: Pick<Timings, 'progressIntervalMs' | 'previewIntervalMs'>,
    private readonly logger: Logger,
  ) {}

  offer(progress: PromptProgress): void {
    this.#progress = progress;
    this.#schedule();
  }

  offerFrame(frame: Frame): void {
    this.#frame = frame;
    this.#schedule();
  }

  /** What is not written yet is not worth it any more: the end follows. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer) return;
    const wait = Math.max(0, this.#writtenAt + this.timings.progressIntervalMs - performance.now());
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
    const frame = performance.now() - this.#frameAt >= this.timings.previewIntervalMs ? this.#frame : undefined;
    this.#progress = undefined;
    if (frame) {
      this.#frame = undefined;
      this.#frameAt = performance.now();
    }
    if (!progress && !frame) return;
    try {
      await this.orm.em.fork().transactional(async (em) => {
        // The next one is along in a moment: not worth a wait for the disk.
        await em.execute('set local synchronous_commit = off');
        if (frame) await savePreview(em, this.job, frame, this.timings.previewIntervalMs);
        if (progress && this.job.crashes > 0 && progress.fraction > this.startFraction) await this.#absolve(em);
        if (progress) await saveProgress(em, this.job, progress);
        else await touchProgress(em, this.job);
      });
      this.onWritten();
    } catch (error) {
      this.logger.warn({ err: error }, 'progress could not be written');
    }
  }
  /** It has come further than where processes died over it: it was not the cause. */
  async #absolve(em: SqlEntityManager): Promise<void> {
    await em.execute('update generations set crashes = 0 where id = ? and fence = ?', [this.job.id, this.job.fence]);
    this.job.crashes = 0;
  }
}
