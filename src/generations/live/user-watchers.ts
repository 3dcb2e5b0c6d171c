/** Who watches all generations of a user, and up to which position each of them was told. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Position } from './change-cursor.js';
import { type Found, findChanges, type Look } from './changes.js';
import type { Seen } from './updates.js';

export type UserWatcher = {
  tell(seen: Seen): void;
  /** Everything that had changed by this position has been told. */
  passed(position: Position): void;
};
type Registered = { userId: string; watcher: UserWatcher; position: Position };
/** Rows that were read, those of them that somebody hinted at, and what was found by which look. */
type Read = {
  position: Position | undefined;
  seen: readonly Omit<Seen, 'isNew'>[];
  hints: Map<string, boolean>;
  found: Found[];
};

export class UserWatchers {
  readonly #byUser = new Map<string, Set<Registered>>();
  /** Those that have just come: they are told what is hinted at, until the position is known at which they begin. */
  readonly #fresh = new Set<Registered>();
  /** Of the last read; all that changed later may not have been told. */
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

  userIds(): Iterable<string> {
    return this.#byUser.keys();
  }

  /** Without a position it begins at the present one. */
  add(userId: string, watcher: UserWatcher, since: Position | undefined): () => void {
    const registered = { userId, watcher, position: since ?? this.#position };
    watcher.passed(registered.position);
    const all = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, all.add(registered));
    if (since === undefined) this.#fresh.add(registered);
    this.settle();
    return () => {
      this.#fresh.delete(registered);
      all.delete(registered);
      if (all.size === 0 && this.#byUser.get(userId) === all) this.#byUser.delete(userId);
    };
  }

  settle(): void {
    if (this.#fresh.size > 0) this.#settling ??= this.#settle();
  }

  async #settle(): Promise<void> {
    try {
      const { position } = await findChanges(this.orm.em.fork(), []);
      for (const registered of this.#fresh) pass(registered, position);
      this.#fresh.clear();
    } catch (error) {
      this.logger.error({ err: error }, 'could not read the position of new watchers; it is read again in a moment');
    } finally {
      this.#settling = undefined;
    }
  }

  /** A read for some users: what to look for, and what to do with the rows. */
  begin(userIds: readonly string[]): { looks: Look[]; finish(read: Read): void } {
    const fresh = new Set(this.#fresh);
    const all = userIds.flatMap((userId) => [...(this.#byUser.get(userId) ?? [])]);
    // Watchers of the same user are mostly at the same position: one look serves all of them.
    const looks = new Map(
      all
        .filter((each) => !fresh.has(each))
        .map(({ userId, position }) => [`${userId} ${position}`, { userId, since: position }]),
    );
    const finish = (read: Read) => {
      const { position } = read;
      if (position === undefined) return;
      this.#position = position;
      for (const registered of all) {
        // It may have left meanwhile.
        if (!this.#byUser.get(registered.userId)?.has(registered)) continue;
        tell(registered, read, fresh.has(registered));
        if (!fresh.has(registered)) pass(registered, position);
      }
    };
    return { looks: [...looks.values()], finish };
  }
}

function pass(registered: Registered, position: Position): void {
  registered.position = position;
  registered.watcher.passed(position);
}

function tell({ userId, watcher, position }: Registered, { seen, hints, found }: Read, isFresh: boolean): void {
  const own = new Map<string, boolean>();
  if (!isFresh)
    for (const each of found) if (each.userId === userId && each.since === position) own.set(each.id, each.isNew);
  for (const row of seen)
    if (row.userId === userId && (own.has(row.id) || hints.has(row.id)))
      watcher.tell({ ...row, isNew: own.get(row.id) || hints.get(row.id) || false });
}
