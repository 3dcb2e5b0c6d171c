/** The pool of ComfyUI servers. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Graph } from '../comfyui/index.js';
import type { Input } from '../workflows/workflow.js';
import { type BackendAddress, identityOf } from './addresses.js';
import { BackendState } from './backend.js';
import { readOffers } from './models.js';
import { BackendConnection } from './monitor.js';
import { missingOf, type Needs, needsOf } from './needs.js';
import type { BackendTimings } from './timings.js';

export class Backends {
  readonly #connections = new Map<string, BackendConnection>();
  readonly #onlineListeners = new Set<() => void>();

  constructor(
    private readonly orm: MikroORM,
    private readonly timings: BackendTimings,
    private readonly logger: Logger,
  ) {}

  /** Writes a row for each address, forgets what is not configured any more and was never used, and connects. */
  async open(addresses: readonly BackendAddress[]): Promise<void> {
    const em = this.orm.em.fork();
    for (const address of addresses) {
      const { name } = address;
      const [row] = await em.execute<{ id: string }[]>(
        `insert into backends (id, name, url) values (gen_random_uuid(), ?, ?)
         on conflict (url) do update set name = excluded.name returning id`,
        [name, identityOf(address)],
      );
      if (!row) throw new Error('PostgreSQL did not return the row it wrote');
      this.#connections.set(
        row.id,
        new BackendConnection(row.id, address, this.orm, this.timings, this.logger, () => this.#wake()),
      );
    }
    const configured = [...this.#connections.keys()];
    await em.execute(
      `delete from backends b where id not in (${configured.map(() => '?').join()}) and not exists (select from prompts p where p.backend_id = b.id)`,
      configured,
    );
    await em.execute(
      `update backends set state = 'OFFLINE', offline_since = coalesce(offline_since, now()), reason = 'It is not configured any more', running = 0, pending = 0, last_seen_at = coalesce(last_seen_at, now())
       where id not in (${configured.map(() => '?').join()})`,
      configured,
    );
    for (const [id, offer] of await readOffers(em, configured)) {
      const connection = this.#connections.get(id);
      if (connection) connection.catalogue.offer = offer;
    }
    for (const connection of this.#connections.values()) connection.open();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }

  get(id: string): BackendConnection | undefined {
    return this.#connections.get(id);
  }

  named(name: string): BackendConnection | undefined {
    return [...this.#connections.values()].find((connection) => connection.name === name);
  }

  /** In the order in which they are configured. */
  ids(): string[] {
    return [...this.#connections.keys()];
  }

  online(): BackendConnection[] {
    return [...this.#connections.values()].filter(({ state }) => state === BackendState.ONLINE);
  }

  /** Those that may be given work: what their rows say counts, where a check has not come yet. */
  claimable(): BackendConnection[] {
    return [...this.#connections.values()].filter(
      ({ state, canBeProbed }) => state === BackendState.ONLINE || canBeProbed,
    );
  }

  /** Whether another one that takes work has all that is needed. */
  othersServe(id: string, needs: Needs): boolean {
    return this.online().some((other) => other.id !== id && !other.isDraining && this.serves(other.id, needs));
  }

  /** What a graph needs, with those of its values that tell the backends apart. */
  needsOf(graph: Graph): Needs {
    return needsOf(
      graph,
      [...this.#connections.values()].flatMap(({ offer }) => offer ?? []),
    );
  }

  /** Whether this backend has all that is needed, as far as is known. */
  serves(id: string, needs: Needs): boolean {
    const offer = this.get(id)?.offer;
    return offer !== undefined && missingOf(needs, offer).length === 0;
  }

  /** What that one of these backends lacks which comes closest. Nothing where one has all, or has never told what it has. */
  missing(needs: Needs, ids: readonly string[] = this.ids()): string[] {
    const asked = ids.flatMap((id) => this.get(id) ?? []);
    const lacks = asked.map(({ offer }) => (offer ? missingOf(needs, offer) : []));
    return lacks.reduce((least, lack) => (lack.length < least.length ? lack : least), lacks[0] ?? []);
  }

  /** Called whenever a backend comes online, or offers more than before. */
  onOnline(listener: () => void): void {
    this.#onlineListeners.add(listener);
  }

  /** What some backend offers for an input; undefined where none has told. */
  choices(input: Input): readonly string[] | undefined {
    if (!input.catalogue) return input.type === 'CHOICE' ? input.choices : undefined;
    const { classType, input: name } = input.catalogue;
    const offered = [...this.#connections.values()].flatMap(({ offer }) => [
      ...(offer?.rules?.get(classType)?.get(name)?.choices ?? []),
    ]);
    return offered.length > 0 ? [...new Set(offered.map(String))] : undefined;
  }

  /** All that may be chosen for an input; undefined while a backend has not told since the server started. */
  allChoices(input: Input): readonly string[] | undefined {
    const isPartial = [...this.#connections.values()].some(({ offer }) => offer?.rules === undefined);
    return input.catalogue && isPartial ? undefined : this.choices(input);
  }

  #wake(): void {
    for (const listener of this.#onlineListeners) listener();
  }
}
