/** The watchers of all generations of a user, each with the position up to which it has been notified. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Position } from './change-cursor.js';
import { type ChangeQuery, type FoundChange, findChanges } from './changes.js';
import type { Snapshot } from './updates.js';

export type UserWatcher = {
  notify(snapshot: Snapshot): void;
  /** All changes up to this position have been reported. */
  advance(position: Position): void;
};
type Registration = { userId: string; watcher: UserWatcher; position: Position };
/** One read: its rows, the hints among them, and the changes found for each query. */
type Read = {
  position: Position | undefined;
  rows: readonly Snapshot[];
  hints: Map<string, boolean>;
  found: FoundChange[];
};
/** The same read, by what a watcher looks for. */
type IndexedRead = {
  rows: Map<string, Snapshot[]>;
  found: Map<string, FoundChange[]>;
  hints: Map<string, boolean>;
  /** The rows as created since a position. All watchers receive the same objects. */
  asNew: Map<Snapshot, Snapshot>;
};

export class UserWatchers {
  readonly #byUser = new Map<string, Set<Registration>>();
  /** New watchers: they receive hinted rows until their start position is known. */
  readonly #fresh = new Set<Registration>();
  /** The position of the last read. Later changes may not have been reported. */
  #position: Position = '';
  #settling: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly logger: Logger,
  ) {}

  async open(): Promise<void> {
    this.#position = (await findChanges(this.orm.em.fork(), [])).position;
  }

  async close(): Promise<void> {
    this.#byUser.clear();
    await this.#settling;
  }

  has(userId: string): boolean {
    return this.#byUser.has(userId);
  }

  /** How many watchers there are. */
  get size(): number {
    let size = 0;
    for (const { size: watchers } of this.#byUser.values()) size += watchers;
    return size;
  }

  userIds(): Iterable<string> {
    return this.#byUser.keys();
  }

  /** Without `since` the watcher starts at the present position. */
  add(userId: string, watcher: UserWatcher, since: Position | undefined): () => void {
    const registration = { userId, watcher, position: since ?? this.#position };
    watcher.advance(registration.position);
    const all = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, all.add(registration));
    if (since === undefined) this.#fresh.add(registration);
    this.settle();
    return () => {
      this.#fresh.delete(registration);
      all.delete(registration);
      if (all.size === 0 && this.#byUser.get(userId) === all) this.#byUser.delete(userId);
    };
  }

  settle(): void {
    if (this.#fresh.size > 0) this.#settling ??= this.#settle();
  }

  async #settle(): Promise<void> {
    try {
      const { position } = await findChanges(this.orm.em.fork(), []);
      for (const registration of this.#fresh) advance(registration, position);
      this.#fresh.clear();
    } catch (error) {
      this.logger.error({ err: error }, 'could not read the position of new watchers; retrying at the next poll');
    } finally {
      this.#settling = undefined;
    }
  }

  /** Begins a read for some users: returns its queries, and the callback for its result. */
  begin(userIds: readonly string[]): { queries: ChangeQuery[]; finish(read: Read): void } {
    const fresh = new Set(this.#fresh);
    const all = userIds.flatMap((userId) => [...(this.#byUser.get(userId) ?? [])]);
    // Watchers of a user are mostly at the same position and share a query.
    const queries = new Map(
      all
        .filter((each) => !fresh.has(each))
        .map(({ userId, position }) => {
          const query = { userId, since: position };
          return [keyOf(query), query];
        }),
    );
    const finish = (read: Read) => {
      const { position } = read;
      if (position === undefined) return;
      this.#position = position;
      const indexed = {
        rows: Map.groupBy(read.rows, ({ userId }) => userId),
        found: Map.groupBy(read.found, keyOf),
        hints: read.hints,
        asNew: new Map<Snapshot, Snapshot>(),
      };
      for (const registration of all) {
        // The watcher may have left meanwhile.
        if (!this.#byUser.get(registration.userId)?.has(registration)) continue;
        notify(registration, indexed, fresh.has(registration));
        if (!fresh.has(registration)) advance(registration, position);
      }
    };
    return { queries: [...queries.values()], finish };
  }
}

function advance(registration: Registration, position: Position): void {
  registration.position = position;
  registration.watcher.advance(position);
}

const keyOf = ({ userId, since }: ChangeQuery): string => `${userId} ${since}`;

function notify({ userId, watcher, position }: Registration, read: IndexedRead, isFresh: boolean): void {
  const found = isFresh ? [] : (read.found.get(keyOf({ userId, since: position })) ?? []);
  const changes = new Map(found.map(({ id, isNew }) => [id, isNew]));
  for (const row of read.rows.get(userId) ?? []) {
    if (!changes.has(row.id) && !read.hints.has(row.id)) continue;
    const isNew = changes.get(row.id) || read.hints.get(row.id) || false;
    watcher.notify(isNew ? newOf(row, read.asNew) : row);
  }
}

function newOf(row: Snapshot, asNew: Map<Snapshot, Snapshot>): Snapshot {
  const known = asNew.get(row) ?? { ...row, isNew: true };
  asNew.set(row, known);
  return known;
}
