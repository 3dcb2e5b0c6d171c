/**
 * Tells those who watch what has become of a generation. A hint says that something changed; the row, read once for all who watch it,
 * says what. A hint that is lost costs seconds: what is watched is read again every few seconds anyway.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Channel } from '../db/channel.js';
import type { Timings } from '../timings.js';
import { type GenerationRow, readGenerations, readQueuePositions } from './read.js';
import { GenerationStatus } from './status.js';
import { readWaitReasons, type Waiting, type WaitReason, waitReasonOf } from './wait-reason.js';

/** What a watcher is told: the row as it is now. */
export type Seen = GenerationRow & { queuePosition: number | null; waitReason: WaitReason | null; isNew: boolean };
export type Watcher = (seen: Seen) => void;

/** What the processes tell each other about. */
const TOPIC = 'changed';
/** How much further back than to its last look a look goes: a change may be committed a little after it was stamped. */
const LOOK_BACK_MS = 10_000;
const MAX_ROWS_PER_READ = 500;

export class Updates {
  readonly #byGeneration = new Map<string, Set<Watcher>>();
  readonly #byUser = new Map<string, Set<Watcher>>();
  /** Generations to look at, and whether they have just been created. */
  readonly #hints = new Map<string, boolean>();
  /** Watched ones whose place in the queue may change without a change of their own. */
  readonly #pending = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #lookedAt = performance.now();
  #reading: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly channel: Channel,
    private readonly waiting: Waiting,
    private readonly timings: Timings,
    private readonly logger: Logger,
  ) {}

  open(): void {
    this.channel.on(TOPIC, (id, userId, isNew) => this.#hint(String(id), String(userId), isNew === true));
    // What was said while nobody listened was missed.
    this.channel.onOpen(() => void this.#recheck());
    const { positionsIntervalMs, recheckIntervalMs, recheckUnheardIntervalMs } = this.timings;
    const recheckEveryMs = this.channel.isHeard ? recheckIntervalMs : recheckUnheardIntervalMs;
    this.#timers.push(
      setInterval(() => this.#look(this.#pending), positionsIntervalMs),
      setInterval(() => void this.#recheck(), recheckEveryMs),
    );
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#byGeneration.clear();
    this.#byUser.clear();
    this.#hints.clear();
    await this.#reading;
  }

  /** Something of this generation changed, and is committed: whoever watches it is told, through whichever process. */
  publish({ id, userId }: { id: string; userId: string }, isNew = false): void {
    this.channel.send(TOPIC, id, userId, isNew);
    this.#hint(id, userId, isNew);
  }

  #hint(id: string, userId: string, isNew: boolean): void {
    if (!this.#byGeneration.has(id) && !this.#byUser.has(userId)) return;
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

  watchUser(userId: string, watcher: Watcher): () => void {
    return register(this.#byUser, userId, watcher);
  }

  #look(ids: Iterable<string>): void {
    for (const id of ids) this.#hints.set(id, this.#hints.get(id) ?? false);
    this.#drain();
  }

  async #recheck(): Promise<void> {
    this.#look(this.#byGeneration.keys());
    const now = performance.now();
    try {
      if (this.#byUser.size > 0) {
        const changed = await this.orm.em
          .fork()
          .execute<{ id: string }[]>(
            `select id from generations where user_id = any(?::uuid[]) and updated_at > now() - ? * interval '1 ms'`,
            [`{${[...this.#byUser.keys()].join(',')}}`, now - this.#lookedAt + LOOK_BACK_MS],
          );
        this.#look(changed.map(({ id }) => id));
      }
      this.#lookedAt = now;
    } catch (error) {
      this.logger.error({ err: error }, 'could not look for changes');
    }
  }

  /** One read at a time; what is hinted at meanwhile is read next, all of it at once. */
  #drain(): void {
    if (this.#hints.size === 0) return;
    this.#reading ??= this.#read().then((isRead) => {
      this.#reading = undefined;
      if (isRead) this.#drain();
    });
  }

  async #read(): Promise<boolean> {
    const hints = [...this.#hints].slice(0, MAX_ROWS_PER_READ);
    for (const [id] of hints) this.#hints.delete(id);
    try {
      const em = this.orm.em.fork();
      const ids = hints.map(([id]) => id);
      // Before the rows, which tell how old they are.
      const reasons = await readWaitReasons(em, ids, this.waiting);
      const rows = await readGenerations(em, ids);
      const pending = rows.filter(({ status }) => status === GenerationStatus.PENDING).map(({ id }) => id);
      const positions = pending.length > 0 ? await readQueuePositions(em, pending) : new Map<string, number>();
      const isNew = new Map(hints);
      for (const row of rows)
        this.#tell({
          ...row,
          // One that is on its way to a backend is next, as it was when it was claimed.
          queuePosition: row.status === GenerationStatus.PENDING ? (positions.get(row.id) ?? 0) : null,
          waitReason: waitReasonOf(row, reasons),
          isNew: isNew.get(row.id) ?? false,
        });
      return true;
    } catch (error) {
      this.logger.error({ err: error }, 'could not read what changed; it is read again in a moment');
      for (const [id, isNew] of hints) this.#hints.set(id, isNew || (this.#hints.get(id) ?? false));
      return false;
    }
  }

  #tell(seen: Seen): void {
    const watchers = this.#byGeneration.get(seen.id);
    if (watchers && seen.status === GenerationStatus.PENDING) this.#pending.add(seen.id);
    else this.#pending.delete(seen.id);
    for (const watcher of watchers ?? []) watcher(seen);
    for (const watcher of this.#byUser.get(seen.userId) ?? []) watcher(seen);
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
