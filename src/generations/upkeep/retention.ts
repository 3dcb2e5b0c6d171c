/**
 * Deletes generations that are kept no longer, as their owner would: live updates report it, and files, deliveries and ComfyUI's history are
 * cleared. Servers share the work: each batch is locked, and another server takes others. One user after the other, in small batches, so that
 * no statement holds up the work of users.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import { type CommandReport, changed } from '../report-change.js';
import { markDeleted } from '../transitions.js';
import { type Cleaners, clearGeneration } from './clear-generation.js';
import { isUnlimited, lockExpired, type Retention } from './expired.js';

const BATCH = 100;
const USERS_PER_READ = 500;

export class RetentionSweeper {
  readonly #sweeping: Repeating;
  #stop = new AbortController();

  constructor(
    private readonly orm: MikroORM,
    private readonly retention: Retention,
    private readonly services: CommandReport & Cleaners,
    timings: Timings,
    private readonly logger: Logger,
  ) {
    this.#sweeping = new Repeating(
      timings.retentionIntervalMs,
      () => this.#sweep(),
      'delete generations that are kept no longer',
      logger,
    );
  }

  open(): void {
    if (isUnlimited(this.retention)) return;
    this.#stop = new AbortController();
    this.#sweeping.open();
    this.#sweeping.now();
  }

  close(): Promise<void> {
    this.#stop.abort();
    return this.#sweeping.close();
  }

  async #sweep(): Promise<void> {
    let deleted = 0;
    for await (const userId of this.#users())
      for (let batch = BATCH; batch === BATCH && !this.#stop.signal.aborted; ) {
        batch = await this.#deleteBatch(userId);
        deleted += batch;
      }
    if (deleted > 0) this.logger.info({ deleted }, 'deleted generations that are kept no longer');
  }

  async *#users(): AsyncGenerator<string> {
    let last = '00000000-0000-0000-0000-000000000000';
    while (!this.#stop.signal.aborted) {
      const users = await this.orm.em
        .fork()
        .execute<{ id: string }[]>(
          `select id from users where id > ? and deleted_at is null order by id limit ${USERS_PER_READ}`,
          [last],
        );
      for (const { id } of users) yield id;
      last = users.at(-1)?.id ?? last;
      if (users.length < USERS_PER_READ) return;
    }
  }

  /** @returns how many it deleted */
  async #deleteBatch(userId: string): Promise<number> {
    const deleted = await this.orm.em
      .fork()
      .transactional(async (em) => markDeleted(em, await lockExpired(em, userId, this.retention, BATCH)));
    for (const moved of deleted) changed(moved, 'stopping', this.services);
    for (const { id } of deleted) await clearGeneration(id, this.services);
    return deleted.length;
  }
}
