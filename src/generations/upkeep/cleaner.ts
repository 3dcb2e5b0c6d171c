/**
 * Clears away what nobody needs any more. Of deleted generations the files, as soon as no prompt of theirs is open, and the rows after
 * 24 hours, so that whoever watches, or resumes watching, learns of the deletion; of final ones the files that are in no result;
 * and files whose generation does not exist, left by a process that died while writing. A deleted account goes with its last generation.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { validate as isUuid } from 'uuid';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import type { Storage } from '../../storage/storage.js';
import { IS_REMEMBERED } from './comfyui-history.js';

const HOUR_MS = 3_600_000;
const OWNERS_PER_LOOK = 500;
/** Of a prompt that was abandoned nothing is fetched any more. */
const HAS_NO_PROMPT = `not exists (
  select from prompts p where p.generation_id = g.id and p.ended_at is null and p.abandoned_at is null)`;
/** A backend that is away may still be to come back, and then has to be told what to stop, and to delete from its history. */
const IS_FORGOTTEN = `not exists (
  select from prompts p where p.generation_id = g.id and (
    p.ended_at is null and coalesce(p.abandoned_at, now()) > now() - interval '1 day'
    or ${IS_REMEMBERED} and g.deleted_at > now() - interval '1 day'))`;

/** Streams of changes resume over deletions of the last 24 hours; which ones they cannot tell is remembered for each user. */
const FORGET = `
  with gone as (
    delete from generations g where deleted_at < now() - interval '24 hours' and ${IS_FORGOTTEN} returning user_id, changed_in)
  insert into forgotten_deletions (user_id, changed_in)
  select distinct on (user_id) user_id, changed_in from gone order by user_id, changed_in desc
  on conflict (user_id) do update set changed_in = greatest(forgotten_deletions.changed_in, excluded.changed_in)`;

export class Cleaner {
  readonly #sweeping: Repeating;
  #cleared = new Set<string>();
  #orphansAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly orm: MikroORM,
    private readonly storage: Storage,
    timings: Timings,
    private readonly logger: Logger,
  ) {
    this.#sweeping = new Repeating(
      timings.cleanIntervalMs,
      () => this.#clearAll(),
      'clear away what is not needed any more',
      logger,
    );
  }

  open(): void {
    this.#sweeping.open();
    this.#sweeping.now();
  }

  /** Looks soon, and not at the next interval. */
  sweep(): void {
    this.#sweeping.now();
  }

  close(): Promise<void> {
    return this.#sweeping.close();
  }

  /** Removes the files that a final or deleted generation does not need; while a prompt of it is open none: whoever ends that calls again. @returns whether it is deleted */
  async clear(id: string): Promise<boolean> {
    const [row] = await this.orm.em.fork().execute<{ isDeleted: boolean; files: string[] }[]>(
      `select deleted_at is not null as "isDeleted", array_remove(source_file || array(
         select i.file from results r join images i on i.result_id = r.id where r.generation_id = g.id), null) as files
       from generations g where id = ? and (deleted_at is not null or completed_at is not null) and ${HAS_NO_PROMPT}`,
      [id],
    );
    if (row?.isDeleted) await this.storage.removeAll(id);
    else if (row)
      for (const key of await this.storage.list(id)) if (!row.files.includes(key)) await this.storage.remove(key);
    return row?.isDeleted ?? false;
  }

  async #clearAll(): Promise<void> {
    const em = this.orm.em.fork();
    const deleted = await em.execute<{ id: string }[]>(
      `select id from generations g where deleted_at is not null and ${HAS_NO_PROMPT}`,
    );
    // Their rows stay for a day: their files are removed once.
    for (const { id } of deleted) if (!this.#cleared.has(id)) await this.storage.removeAll(id);
    this.#cleared = new Set(deleted.map(({ id }) => id));
    await em.execute(FORGET);
    await em.execute(
      'delete from users u where deleted_at is not null and not exists (select from generations g where g.user_id = u.id)',
    );
    // Each of them has to be looked at: not more often than one can come of age.
    if (performance.now() - this.#orphansAt < HOUR_MS) return;
    this.#orphansAt = performance.now();
    await this.#removeOrphans();
  }

  async #removeOrphans(): Promise<void> {
    let owners: string[] = [];
    for await (const { owner, modifiedAt } of this.storage.owners()) {
      if (!isUuid(owner) || modifiedAt.getTime() > Date.now() - HOUR_MS) continue;
      owners.push(owner);
      if (owners.length < OWNERS_PER_LOOK) continue;
      await this.#removeUnowned(owners);
      owners = [];
    }
    await this.#removeUnowned(owners);
  }

  async #removeUnowned(owners: readonly string[]): Promise<void> {
    const unowned = await this.orm.em
      .fork()
      .execute<{ owner: string }[]>(
        `select owner from unnest(?::uuid[]) as owner where not exists (select from generations where id = owner)`,
        [`{${owners.join(',')}}`],
      );
    for (const { owner } of unowned) {
      this.logger.info({ owner }, 'removing files that nothing names');
      await this.storage.removeAll(owner);
    }
  }
}
