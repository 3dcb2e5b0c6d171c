/**
 * Folds what lists read (`fold-deltas.ts`), and removes data that is no longer needed:
 * - the results and inputs of deleted generations, once no prompt of theirs is open, and their rows after 24 hours: until then watchers and
 *   resumed streams learn of the deletion;
 * - files without a row, which a process left when it died while it wrote them;
 * - uploads that no generation used for a day;
 * - deleted accounts without generations;
 * - workflows that only deleted generations reached.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { validate as isUuid } from 'uuid';
import { deleteUnused, withoutBlob } from '../../assets/blobs.js';
import { removeFiles } from '../../assets/derived.js';
import { removeUnusedUploads } from '../../assets/uploads/remove-uploads.js';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import type { ListedFile, Storage } from '../../storage/storage.js';
import { deleteUnused as deleteUnusedWorkflows } from '../../workflows/saved/saved-rows.js';
import { IS_REMEMBERED } from './comfyui-history.js';
import { foldDeltas } from './fold-deltas.js';

const KEYS_PER_READ = 1_000;
/** An abandoned prompt counts as ended: its outputs are not fetched. */
const HAS_NO_PROMPT = `not exists (
  select from prompts p where p.generation_id = g.id and p.ended_at is null and p.abandoned_at is null)`;
/** SQL: the storage keys of a generation, with its id as both values. */
const FILES_OF = `
  select unnest(array[i.file, f.file, f.poster]) as file from results r left join images i on i.result_id = r.id left join files f on f.result_id = r.id
  where r.generation_id = ?
  union select file from generation_inputs where generation_id = ?`;
const HAS_CONTENTS = `(exists (select from results r where r.generation_id = g.id)
  or exists (select from generation_inputs i where i.generation_id = g.id))`;
/** Rows stay for a day while their prompts may still have to be stopped, or deleted from the history, when an offline backend returns. */
const IS_FORGOTTEN = `not exists (
  select from prompts p where p.generation_id = g.id and (
    p.ended_at is null and coalesce(p.abandoned_at, now()) > now() - interval '1 day'
    or ${IS_REMEMBERED} and g.deleted_at > now() - interval '1 day'))`;

/** Streams resume over deletions of the last 24 hours. For each user the newest older deletion is kept: resuming before it is a GAP. */
const DELETE_TOMBSTONES = `
  with gone as (
    delete from generations g where deleted_at < now() - interval '24 hours' and ${IS_FORGOTTEN} and not ${HAS_CONTENTS}
    returning user_id, changed_in)
  insert into forgotten_deletions (user_id, changed_in)
  select distinct on (user_id) user_id, changed_in from gone order by user_id, changed_in desc
  on conflict (user_id) do update set changed_in = greatest(forgotten_deletions.changed_in, excluded.changed_in)`;

export class Cleaner {
  readonly #sweeping: Repeating;
  /** Apart from the sweep: after an update it may take long. */
  readonly #folding: Repeating;
  #stop = new AbortController();
  #searchedAt = Number.NEGATIVE_INFINITY;
  /** Files whose rows are deleted. */
  readonly #unremoved: string[] = [];
  /** What the last search found. */
  #strays = new Set<string>();

  constructor(
    private readonly orm: MikroORM,
    private readonly storage: Storage,
    private readonly timings: Timings,
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

  /** Removes the result and the inputs of a deleted generation, unless a prompt of it is open: its job calls again at its end. */
  async clear(id: string): Promise<{ isDeleted: boolean }> {
    const [row] = await this.orm.em
      .fork()
      .execute<object[]>(`select from generations g where id = ? and deleted_at is not null and ${HAS_NO_PROMPT}`, [
        id,
      ]);
    if (row) await this.#removeContents(id);
    return { isDeleted: row !== undefined };
  }

  async #removeContents(id: string): Promise<void> {
    const files = await this.orm.em.fork().transactional(async (em) => {
      const rows = await em.execute<{ file: string }[]>(
        `with file as (${FILES_OF}),
         result as (delete from results where generation_id = ?),
         input as (delete from generation_inputs where generation_id = ?)
         select distinct file from file where file is not null`,
        [id, id, id, id],
      );
      return await deleteUnused(
        em,
        rows.map(({ file }) => file),
      );
    });
    await this.#removeFiles(files);
  }

  async #removeFiles(files: readonly string[]): Promise<void> {
    const left = await removeFiles(this.storage, files);
    if (left.length === 0) return;
    this.logger.error({ files: left }, 'could not remove files; trying again at the next sweep');
    this.#unremoved.push(...left);
  }

  async #clearAll(): Promise<void> {
    await this.#removeFiles(this.#unremoved.splice(0));
    const em = this.orm.em.fork();
    const deleted = await em.execute<{ id: string }[]>(
      `select id from generations g where deleted_at is not null and ${HAS_NO_PROMPT} and ${HAS_CONTENTS}`,
    );
    for (const { id } of deleted) await this.#removeContents(id);
    await em.execute(DELETE_TOMBSTONES);
    await removeUnusedUploads({ em, storage: this.storage });
    await this.#deleteAccounts();
    await deleteUnusedWorkflows(em);
    if (performance.now() - this.#searchedAt < this.timings.strayFileIntervalMs) return;
    this.#searchedAt = performance.now();
    await this.storage.removeAbandoned();
    await this.#removeStrays();
  }

  async #deleteAccounts(): Promise<void> {
    const accounts = await this.orm.em.fork().execute<{ id: string }[]>(
      `delete from users u where deleted_at is not null and not exists (select from generations g where g.user_id = u.id)
           and not exists (select from blobs b where b.user_id = u.id) returning id`,
    );
    for (const { id } of accounts) await this.storage.removeAll(id);
  }

  /**
   * Removes files that have no row now and had none at the last search. An account is left out while a prompt of its is open: an output is
   * stored when ComfyUI names it, and its row comes at the end of the prompt. No clock is asked, since clocks may be set.
   */
  async #removeStrays(): Promise<void> {
    const found = new Set<string>();
    const busy = await this.#busyAccounts();
    for await (const owner of this.storage.owners()) {
      if (!isUuid(owner) || busy.has(owner)) continue;
      for await (const keys of inBatches(this.storage.list(owner)))
        for (const key of await withoutBlob(this.orm.em.fork(), keys)) found.add(key);
    }
    for (const key of [...found].filter((each) => this.#strays.has(each))) {
      this.logger.info({ key }, 'removing a file without a row');
      await this.storage.remove(key);
      found.delete(key);
    }
    this.#strays = found;
  }

  async #busyAccounts(): Promise<Set<string>> {
    const rows = await this.orm.em
      .fork()
      .execute<{ id: string }[]>(
        'select distinct user_id as id from prompts where ended_at is null and abandoned_at is null',
      );
    return new Set(rows.map(({ id }) => id));
  }
}

async function* inBatches(files: AsyncIterable<ListedFile>): AsyncIterable<string[]> {
  let keys: string[] = [];
  for await (const { key } of files) {
    keys.push(key);
    if (keys.length < KEYS_PER_READ) continue;
    yield keys;
    keys = [];
  }
  if (keys.length > 0) yield keys;
}
