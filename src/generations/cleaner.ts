/**
 * Clears deleted generations away: their files as soon as no prompt of theirs is open, their rows after an hour, so that whoever watches
 * learns of the deletion even when a message was lost. Also removes files that no row names, left by a process that died while writing.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { validate as isUuid } from 'uuid';
import type { Storage } from '../storage/storage.js';

const SWEEP_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
const IS_CLEARABLE = `deleted_at is not null
  and not exists (select from prompts p where p.generation_id = generations.id and p.ended_at is null)`;

export class Cleaner {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly storage: Storage,
    private readonly logger: Logger,
  ) {}

  open(): void {
    this.#timer = setInterval(() => this.#sweep(), SWEEP_EVERY_MS);
    this.#sweep();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Removes the files of a deleted generation, unless a prompt of it is still open: then whoever ends that calls again. */
  async clear(id: string): Promise<void> {
    const clearable = await this.orm.em
      .fork()
      .execute<unknown[]>(`select from generations where id = ? and ${IS_CLEARABLE}`, [id]);
    if (clearable.length > 0) await this.storage.removeAll(id);
  }

  #sweep(): void {
    this.#sweeping ??= this.#clearAll()
      .catch((error) => this.logger.error({ err: error }, 'could not clear away what was deleted'))
      .finally(() => {
        this.#sweeping = undefined;
      });
  }

  async #clearAll(): Promise<void> {
    const em = this.orm.em.fork();
    const deleted = await em.execute<{ id: string }[]>(`select id from generations where ${IS_CLEARABLE}`);
    for (const { id } of deleted) await this.storage.removeAll(id);
    await em.execute(`delete from generations where ${IS_CLEARABLE} and deleted_at < now() - interval '1 hour'`);
    await this.#removeOrphans();
  }

  async #removeOrphans(): Promise<void> {
    for await (const { owner, modifiedAt } of this.storage.owners()) {
      if (!isUuid(owner) || modifiedAt.getTime() > Date.now() - HOUR_MS) continue;
      const rows = await this.orm.em.fork().execute<unknown[]>('select from generations where id = ?', [owner]);
      if (rows.length > 0) continue;
      this.logger.info({ owner }, 'removing files that nothing names');
      await this.storage.removeAll(owner);
    }
  }
}
