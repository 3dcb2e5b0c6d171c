/**
 * Tells those who watch what has become of a generation. A hint says that something changed; the row, read once for all who watch it,
 * says what. A hint that is lost costs seconds: what is watched is read again every few seconds anyway.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Channel } from '../../db/channel.js';
import type { Timings } from '../../process/timings.js';
import { type GenerationRow, readGenerations, readQueuePositions } from '../generation-rows.js';
import { GenerationStatus } from '../status.js';
import type { Position } from './change-cursor.js';
import { findChanges } from './changes.js';
import { type UserWatcher, UserWatchers } from './user-watchers.js';
import { readWaitReasons, type Waiting, type WaitReason, waitReasonOf } from './wait-reason.js';

/** What a watcher is told: the row as it is now. */
export type Seen = GenerationRow & { queuePosition: number | null; waitReason: WaitReason | null; isNew: boolean };
export type Watcher = (seen: Seen) => void;

/** What the processes tell each other about. */
const TOPIC = 'changed';
const MAX_ROWS_PER_READ = 500;
const NOTHING = { position: undefined, found: [] };

export class Updates {
  readonly #byGeneration = new Map<string, Set<Watcher>>();
  readonly #byUser: UserWatchers;
  /** Generations to look at, and whether they have just been created. */
  readonly #hints = new Map<string, boolean>();
  /** Users whose changes to look for. */
  readonly #users = new Set<string>();
  /** Watched ones whose place in the queue may change without a change of their own. */
  readonly #pending = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #reading: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    /** Of this process: cursors name it. */
    readonly epoch: string,
    private readonly channel: Channel,
    private readonly waiting: Waiting,
    private readonly timings: Timings,
    private readonly logger: Logger,
  ) {
    this.#byUser = new UserWatchers(orm, logger);
  }

  async open(): Promise<void> {
    await this.#byUser.open();
    this.channel.on(TOPIC, (id, userId, isNew) => this.#hint(String(id), String(userId), isNew === true));
    // What was said while nobody listened was missed.
    this.channel.onOpen(() => this.#recheck());
    const { positionsIntervalMs, recheckIntervalMs, recheckWithoutNotifyIntervalMs } = this.timings;
    const recheckEveryMs = this.channel.isReceiving ? recheckIntervalMs : recheckWithoutNotifyIntervalMs;
    this.#timers.push(
      setInterval(() => this.#look(this.#pending), positionsIntervalMs),
      setInterval(() => this.#recheck(), recheckEveryMs),
    );
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#byGeneration.clear();
    this.#hints.clear();
    this.#users.clear();
    await Promise.all([this.#byUser.close(), this.#reading]);
  }

  /** Something of this generation changed, and is committed: whoever watches it is told, through whichever process. */
  publish({ id, userId }: { id: string; userId: string }, isNew = false): void {
    this.channel.send(TOPIC, id, userId, isNew);
    this.#hint(id, userId, isNew);
  }

  #hint(id: string, userId: string, isNew: boolean): void {
    const isUserWatched = this.#byUser.has(userId);
    if (!this.#byGeneration.has(id) && !isUserWatched) return;
    if (isUserWatched) this.#users.add(userId);
    this.#hints.set(id, isNew || (this.#hints.get(id) ?? false));
    this.#drain();
  }

  /** Registers first and reads then, so that nothing falls in between: the watcher is told the present state at once. */
  watchGeneration(id: string, watcher: Watcher): () => void {
    const unwatch = register(this.#byGeneration, id, watcher);
    this.#look([id]);
    return () => {
      unwatch();
      if (!this.#byGeneration.has(id)) this.#pending.delete(id);
    };
  }

  /** Tells what changes from now on, or has changed since a position. The position that it begins with is passed at once. */
  watchUser(userId: string, watcher: UserWatcher, since?: Position, active: readonly string[] = []): () => void {
    const unwatch = this.#byUser.add(userId, watcher, since);
    if (since !== undefined) this.#users.add(userId);
    this.#look(active);
    return unwatch;
  }

  #look(ids: Iterable<string>): void {
    for (const id of ids) this.#hints.set(id, this.#hints.get(id) ?? false);
    this.#drain();
  }

  #recheck(): void {
    this.#byUser.settle();
    for (const userId of this.#byUser.userIds()) this.#users.add(userId);
    this.#look(this.#byGeneration.keys());
    // With nobody there, too: whoever comes next begins at this position.
    this.#reading ??= this.#readOn();
  }

  /** One read at a time; what is hinted at meanwhile is read next, all of it at once. */
  #drain(): void {
    if (this.#hints.size + this.#users.size > 0) this.#reading ??= this.#readOn();
  }

  async #readOn(): Promise<void> {
    const isRead = await this.#read();
    this.#reading = undefined;
    if (isRead) this.#drain();
  }

  async #read(): Promise<boolean> {
    const hints = new Map([...this.#hints].slice(0, MAX_ROWS_PER_READ));
    for (const id of hints.keys()) this.#hints.delete(id);
    const users = [...this.#users];
    this.#users.clear();
    const { looks, finish } = this.#byUser.begin(users);
    try {
      const em = this.orm.em.fork();
      // Those who watch one generation need only its row.
      const { position, found } = users.length > 0 || hints.size === 0 ? await findChanges(em, looks) : NOTHING;
      // The rows are read after the position: they are as new, or newer.
      const seen = await this.#readRows(em, [...new Set([...found.map(({ id }) => id), ...hints.keys()])]);
      for (const each of seen) this.#tellGeneration({ ...each, isNew: false });
      finish({ position, seen, hints, found });
      return true;
    } catch (error) {
      this.logger.error({ err: error }, 'could not read what changed; it is read again in a moment');
      for (const [id, isNew] of hints) this.#hints.set(id, isNew || (this.#hints.get(id) ?? false));
      for (const userId of users) this.#users.add(userId);
      return false;
    }
  }

  /** In the order of the ids. */
  async #readRows(em: SqlEntityManager, ids: readonly string[]): Promise<Omit<Seen, 'isNew'>[]> {
    const rows = new Map<string, GenerationRow>();
    // Before the rows, which tell how old they are.
    const reasons = await readWaitReasons(em, ids, this.waiting);
    for (let first = 0; first < ids.length; first += MAX_ROWS_PER_READ)
      for (const row of await readGenerations(em, ids.slice(first, first + MAX_ROWS_PER_READ))) rows.set(row.id, row);
    const pending = [...rows.values()].filter(({ status }) => status === GenerationStatus.PENDING).map(({ id }) => id);
    const positions = pending.length > 0 ? await readQueuePositions(em, pending) : new Map<string, number>();
    return ids.flatMap((id) => {
      const row = rows.get(id);
      if (!row) return [];
      // One that is on its way to a backend is next, as it was when it was claimed.
      const queuePosition = row.status === GenerationStatus.PENDING ? (positions.get(id) ?? 0) : null;
      return [{ ...row, queuePosition, waitReason: waitReasonOf(row, reasons) }];
    });
  }

  #tellGeneration(seen: Seen): void {
    const watchers = this.#byGeneration.get(seen.id);
    if (watchers && seen.status === GenerationStatus.PENDING) this.#pending.add(seen.id);
    else this.#pending.delete(seen.id);
    for (const watcher of watchers ?? []) watcher(seen);
  }
}

function register(topics: Map<string, Set<Watcher>>, topic: string, watcher: Watcher): () => void {
  const watchers = topics.get(topic) ?? new Set();
  topics.set(topic, watchers.add(watcher));
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0 && topics.get(topic) === watchers) topics.delete(topic);
  };
}
