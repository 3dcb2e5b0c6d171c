/**
 * Notifies watchers of changed generations. A hint says that a generation changed; the row is then read once for all of its watchers. A lost
 * hint costs seconds: watched generations are also polled.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Channel } from '../../db/channel.js';
import type { Reads } from '../../db/reads.js';
import type { Timings } from '../../process/timings.js';
import { readQueuePositions } from '../../runner/queue-order.js';
import { type GenerationRow, readGenerations } from '../generation-rows.js';
import { isQueued } from '../status.js';
import type { Position } from './change-cursor.js';
import { findChanges } from './changes.js';
import { type UserWatcher, UserWatchers } from './user-watchers.js';
import { mayWait, readWaitReasons, type WaitReason, type WaitReasonServices, waitReasonOf } from './wait-reason.js';

/** The row that watchers receive, as it is now. */
export type Snapshot = GenerationRow & { queuePosition: number | null; waitReason: WaitReason | null; isNew: boolean };
export type Watcher = (snapshot: Snapshot) => void;

/** The topic of hints between processes. */
const TOPIC = 'changed';
const MAX_ROWS_PER_READ = 500;
const NOTHING = { position: undefined, found: [] };

export class Updates {
  readonly #byGeneration = new Map<string, Set<Watcher>>();
  readonly #byUser: UserWatchers;
  /** Generations to read, and whether they have just been created. */
  readonly #hints = new Map<string, boolean>();
  /** Users whose changes to find. */
  readonly #users = new Set<string>();
  /** Watched generations in a queue: their position changes without a change of their row. */
  readonly #queued = new Set<string>();
  /** A tick only marks what to read. The pass that must not overlap is `#reading`. */
  readonly #timers: NodeJS.Timeout[] = [];
  #reading: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly reads: Reads,
    /** This process's epoch, which its cursors name. */
    readonly epoch: string,
    private readonly channel: Channel,
    private readonly waitReasons: WaitReasonServices,
    private readonly timings: Timings,
    private readonly logger: Logger,
  ) {
    this.#byUser = new UserWatchers(orm, logger);
  }

  async open(): Promise<void> {
    await this.#byUser.open();
    this.channel.on(TOPIC, (id, userId, isNew) => this.#hint(String(id), String(userId), isNew === true));
    // Hints sent while the channel was closed are lost.
    this.channel.onOpen(() => this.#recheck());
    const { positionsIntervalMs, recheckIntervalMs, recheckWithoutNotifyIntervalMs } = this.timings;
    const recheckEveryMs = this.channel.isReceiving ? recheckIntervalMs : recheckWithoutNotifyIntervalMs;
    this.#timers.push(
      setInterval(() => this.#requestRead(this.#queued), positionsIntervalMs),
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

  /** How many watchers there are. */
  get size(): number {
    let size = this.#byUser.size;
    for (const { size: watchers } of this.#byGeneration.values()) size += watchers;
    return size;
  }

  /** Hints at a committed change to the watchers in all processes. */
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

  /** Notifies the watcher of the present state and of each change. Registers before it reads, so that no change is missed. */
  watchGeneration(id: string, watcher: Watcher): () => void {
    const unwatch = register(this.#byGeneration, id, watcher);
    this.#requestRead([id]);
    return () => {
      unwatch();
      if (!this.#byGeneration.has(id)) this.#queued.delete(id);
    };
  }

  /** Notifies the watcher of changes from now on, or since a position. Calls `advance` with the first position at once. */
  watchUser(userId: string, watcher: UserWatcher, since?: Position, active: readonly string[] = []): () => void {
    const unwatch = this.#byUser.add(userId, watcher, since);
    if (since !== undefined) this.#users.add(userId);
    this.#requestRead(active);
    return unwatch;
  }

  #requestRead(ids: Iterable<string>): void {
    for (const id of ids) this.#hints.set(id, this.#hints.get(id) ?? false);
    this.#drain();
  }

  #recheck(): void {
    this.#byUser.settle();
    for (const userId of this.#byUser.userIds()) this.#users.add(userId);
    this.#requestRead(this.#byGeneration.keys());
    // Also without watchers: the next watcher starts at this position.
    this.#reading ??= this.#readAndContinue();
  }

  /** Reads one batch at a time. Hints that arrive meanwhile form the next batch. */
  #drain(): void {
    if (this.#hints.size + this.#users.size > 0) this.#reading ??= this.#readAndContinue();
  }

  async #readAndContinue(): Promise<void> {
    const isRead = await this.#read();
    this.#reading = undefined;
    if (isRead) this.#drain();
  }

  async #read(): Promise<boolean> {
    const hints = new Map([...this.#hints].slice(0, MAX_ROWS_PER_READ));
    for (const id of hints.keys()) this.#hints.delete(id);
    const users = [...this.#users];
    this.#users.clear();
    const { queries, finish } = this.#byUser.begin(users);
    try {
      const em = this.orm.em.fork();
      // Watchers of single generations need only the rows.
      const { position, found } = users.length > 0 || hints.size === 0 ? await findChanges(em, queries) : NOTHING;
      // Rows are read after the position, so they are at least as new.
      const rows = await this.#readRows([...new Set([...found.map(({ id }) => id), ...hints.keys()])]);
      for (const row of rows) this.#notifyGeneration(row);
      finish({ position, rows, hints, found });
      return true;
    } catch (error) {
      this.logger.error({ err: error }, 'could not read changes; retrying at the next poll');
      for (const [id, isNew] of hints) this.#hints.set(id, isNew || (this.#hints.get(id) ?? false));
      for (const userId of users) this.#users.add(userId);
      return false;
    }
  }

  /** Returns the rows in the order of the ids. */
  async #readRows(ids: readonly string[]): Promise<Snapshot[]> {
    const rows = new Map<string, GenerationRow>();
    for (let first = 0; first < ids.length; first += MAX_ROWS_PER_READ)
      for (const row of await readGenerations(this.reads, ids.slice(first, first + MAX_ROWS_PER_READ)))
        rows.set(row.id, row);
    const idsOf = (isWanted: (row: GenerationRow) => boolean) =>
      [...rows.values()].filter(isWanted).map(({ id }) => id);
    const [reasons, positions] = await Promise.all([
      readWaitReasons(this.reads, idsOf(mayWait), this.waitReasons),
      readQueuePositions(this.reads, idsOf(isQueued)),
    ]);
    return ids.flatMap((id) => {
      const row = rows.get(id);
      if (!row) return [];
      // It may have left the queue since its row was read: then it is next.
      const queuePosition = isQueued(row) ? (positions.get(id) ?? 0) : null;
      return [{ ...row, queuePosition, waitReason: waitReasonOf(row, reasons), isNew: false }];
    });
  }

  #notifyGeneration(snapshot: Snapshot): void {
    const watchers = this.#byGeneration.get(snapshot.id);
    if (watchers && isQueued(snapshot)) this.#queued.add(snapshot.id);
    else this.#queued.delete(snapshot.id);
    for (const watcher of watchers ?? []) watcher(snapshot);
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
