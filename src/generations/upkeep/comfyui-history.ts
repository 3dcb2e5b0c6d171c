/** Deletes the prompts of deleted generations from ComfyUI's history, where every user of ComfyUI's page would see them. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../../backends/backends.js';
import { UnreachableError } from '../../comfyui/index.js';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import { markForgotten } from '../../runner/prompts.js';

const PROMPTS_PER_READ = 500;

/** For SQL that names a prompt `p` and its generation `g`: a deleted generation's prompt that ComfyUI may still have in its history. */
export const IS_REMEMBERED = `g.deleted_at is not null and p.submitted_at is not null and p.ended_at is not null and p.forgotten_at is null`;

export class HistoryCleaner {
  readonly #deleting: Repeating;
  readonly #closed = new AbortController();

  constructor(
    private readonly orm: MikroORM,
    private readonly backends: Backends,
    timings: Timings,
    logger: Logger,
  ) {
    this.#deleting = new Repeating(
      timings.cleanIntervalMs,
      () => this.#deleteAll(),
      'delete prompts from ComfyUI’s history',
      logger,
    );
  }

  open(): void {
    this.#deleting.open();
    this.#deleting.now();
  }

  close(): Promise<void> {
    this.#closed.abort();
    return this.#deleting.close();
  }

  /** Sweeps now instead of at the next interval. A sweep that runs already may miss the newest deletion: the next one finds it. */
  sweep(): void {
    this.#deleting.now();
  }

  async #deleteAll(): Promise<void> {
    await Promise.all(this.backends.online().map(({ id }) => this.#deleteFrom(id)));
  }

  async #deleteFrom(backendId: string): Promise<void> {
    const em = this.orm.em.fork();
    const prompts = await em.execute<{ id: string }[]>(
      `select p.id from prompts p join generations g on g.id = p.generation_id
       where ${IS_REMEMBERED} and p.backend_id = ? limit ${PROMPTS_PER_READ}`,
      [backendId],
    );
    if (prompts.length === 0) return;
    const ids = prompts.map(({ id }) => id);
    try {
      await this.backends.get(backendId)?.comfyui.forget(ids, this.#closed.signal);
    } catch (error) {
      // The next sweep retries.
      if (error instanceof UnreachableError || this.#closed.signal.aborted) return;
      throw error;
    }
    await markForgotten(em, ids);
  }
}
