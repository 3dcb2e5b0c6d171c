/**
 * Folds what lists read (`fold-deltas.ts`), and removes data that is no longer needed:
 * - the files of deleted generations, once no prompt of theirs is open, and their rows after 24 hours: until then watchers and resumed
 *   streams learn of the deletion;
 * - files of final generations that belong to no result;
 * - files without a generation or an upload, which a process left when it died while it wrote them;
 * - uploads that no generation used for a day;
 * - deleted accounts without generations;
 * - workflows that only deleted generations reached.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { validate as isUuid } from 'uuid';
import { removeUnusedUploads } from '../../assets/uploads/remove-uploads.js';
import { sqlArray } from '../../db/sql-array.js';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import type { Storage } from '../../storage/storage.js';
import { deleteUnused } from '../../workflows/saved/saved-rows.js';
import { IS_REMEMBERED } from './comfyui-history.js';
import { foldDeltas } from './fold-deltas.js';

const HOUR_MS = 3_600_000;
const OWNERS_PER_READ = 500;
/** An abandoned prompt counts as ended: its outputs are not fetched. */
const HAS_NO_PROMPT = `not exists (
  select from prompts p where p.generation_id = g.id and p.ended_at is null and p.abandoned_at is null)`;
/** Rows stay for a day while their prompts may still have to be stopped, or deleted from the history, when an offline backend returns. */
const IS_FORGOTTEN = `not exists (
  select from prompts p where p.generation_id = g.id and (
    p.ended_at is null and coalesce(p.abandoned_at, now()) > now() - interval '1 day'
    or ${IS_REMEMBERED} and g.deleted_at > now() - interval '1 day'))`;

/** Streams resume over deletions of the last 24 hours. For each user the newest older deletion is kept: resuming before it is a GAP. */
const DELETE_TOMBSTONES = `
  with gone as (
    delete from generations g where deleted_at < now() - interval '24 hours' and ${IS_FORGOTTEN} returning user_id, changed_in)
  insert into forgotten_deletions (user_id, changed_in)
  select distinct on (user_id) user_id, changed_in from gone order by user_id, changed_in desc
  on conflict (user_id) do update set changed_in = greatest(forgotten_deletions.changed_in, excluded.changed_in)`;

export class Cleaner {
  readonly #sweeping: Repeating;
  /** Apart from the sweep: after an update it may take long. */
  readonly #folding: Repeating;
  #stop = new AbortController();
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
      'remove files and rows that are no longer needed',
      logger,
    );
    this.#folding = new Repeating(
      timings.cleanIntervalMs,
      () => foldDeltas(this.orm.em.fork(), this.#stop.signal),
      'fold the counts and prompts of new generations',
      logger,
    );
  }

  open(): void {
    this.#stop = new AbortController();
    for (const each of [this.#sweeping, this.#folding]) {
      each.open();
      each.now();
    }
  }

  /** Sweeps now instead of at the next interval. */
  sweep(): void {
    this.#sweeping.now();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#sweeping.close(), this.#folding.close()]);
  }

  /** Removes the files that a final or deleted generation does not need; none while a prompt of it is open, whose job calls again at its end. */
  async clear(id: string): Promise<{ isDeleted: boolean }> {
    const [row] = await this.orm.em.fork().execute<{ isDeleted: boolean; files: string[] }[]>(
      `select deleted_at is not null as "isDeleted", array(
         select value from jsonb_each_text(input_files)
         union all select i.file from results r join images i on i.result_id = r.id where r.generation_id = g.id) as files
       from generations g where id = ? and (deleted_at is not null or completed_at is not null) and ${HAS_NO_PROMPT}`,
      [id],
    );
    try {
      if (row?.isDeleted) await this.storage.removeAll(id);
      else if (row) await this.#removeAllBut(id, row.files);
    } catch (error) {
      // The generation is deleted or final all the same, and a sweep removes the files of deleted ones.
      this.logger.error({ err: error, id }, 'could not remove the files of a generation');
    }
    return { isDeleted: row?.isDeleted ?? false };
  }

  async #clearAll(): Promise<void> {
    const em = this.orm.em.fork();
    const deleted = await em.execute<{ id: string }[]>(
      `select id from generations g where deleted_at is not null and ${HAS_NO_PROMPT}`,
    );
    // Their rows stay for a day; their files are removed once.
    for (const { id } of deleted) if (!this.#cleared.has(id)) await this.storage.removeAll(id);
    this.#cleared = new Set(deleted.map(({ id }) => id));
    await em.execute(DELETE_TOMBSTONES);
    await removeUnusedUploads({ em, storage: this.storage });
    await em.execute(
      'delete from users u where deleted_at is not null and not exists (select from generations g where g.user_id = u.id)',
    );
    await deleteUnused(em);
    // Finding orphans lists every owner. A file counts as an orphan after an hour, so an hourly search is enough.
    if (performance.now() - this.#orphansAt < HOUR_MS) return;
    this.#orphansAt = performance.now();
    await this.storage.removeAbandoned();
    await this.#removeOrphans();
  }

  async #removeOrphans(): Promise<void> {
    let owners: string[] = [];
    for await (const owner of this.storage.owners()) {
      if (!isUuid(owner)) continue;
      owners.push(owner);
      if (owners.length < OWNERS_PER_READ) continue;
      await this.#removeUnowned(owners);
      owners = [];
    }
    await this.#removeUnowned(owners);
  }

  /** Files of an account are its uploads; every other owner is a generation. */
  async #removeUnowned(owners: readonly string[]): Promise<void> {
    const unowned = await this.orm.em.fork().execute<{ owner: string; files: string[] }[]>(
      `select owner, array(select file from uploads where user_id = owner and file is not null) as files
       from unnest(?::uuid[]) as owner where not exists (select from generations where id = owner)`,
      [sqlArray(owners)],
    );
    for (const { owner, files } of unowned) await this.#removeStrays(owner, files);
  }

  /** A young file may be about to get its row. */
  async #removeStrays(owner: string, files: readonly string[]): Promise<void> {
    for await (const { key, modifiedAt } of this.storage.list(owner)) {
      if (files.includes(key) || modifiedAt.getTime() > Date.now() - HOUR_MS) continue;
      this.logger.info({ key }, 'removing a file without a row');
      await this.storage.remove(key);
    }
  }

  async #removeAllBut(owner: string, files: readonly string[]): Promise<void> {
    for await (const { key } of this.storage.list(owner)) if (!files.includes(key)) await this.storage.remove(key);
  }
}
