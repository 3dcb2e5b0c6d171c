/** The pool of ComfyUI servers: their monitors, and which of them can run a job. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Graph, NodeRules, ObjectInfo, Problem } from '../comfyui/index.js';
import type { MissingPart } from '../graphql/missing-part.js';
import { sourcesIn } from '../workflows/import/model-sources.js';
import type { Input } from '../workflows/workflow.js';
import { BackendState } from './backend.js';
import { deleteUnused, recordUnconfigured } from './backend-rows.js';
import { readClassInfo } from './class-info.js';
import { KnownModels } from './known-models.js';
import { readOffers } from './model-rows.js';
import { BackendMonitor } from './monitor/backend-monitor.js';
import { type Lack, missingOf, type Needs, needsOf } from './needs.js';
import { hasModel, type NamedModel, type Offer } from './offer.js';
import { missingParts, preflight } from './preflight.js';
import { type BackendAddress, identityOf } from './settings/addresses.js';
import type { BackendTimings } from './timings.js';

export class Backends {
  readonly #monitors = new Map<string, BackendMonitor>();
  readonly #onlineListeners = new Set<() => void>();
  readonly models: KnownModels;

  constructor(
    private readonly orm: MikroORM,
    private readonly timings: BackendTimings,
    private readonly logger: Logger,
  ) {
    this.models = new KnownModels(orm, this);
  }

  /** Writes a row for each address, deletes rows that are no longer configured and were never used, and starts the monitors. */
  async open(addresses: readonly BackendAddress[]): Promise<void> {
    const em = this.orm.em.fork();
    for (const address of addresses) {
      const { name } = address;
      const [row] = await em.execute<{ id: string }[]>(
        `insert into backends (id, name, url) values (gen_random_uuid(), ?, ?)
         on conflict (url) do update set name = excluded.name returning id`,
        [name, identityOf(address)],
      );
      if (!row) throw new Error('PostgreSQL returned no row for a backend');
      this.#monitors.set(
        row.id,
        new BackendMonitor(row.id, address, this.orm, this.timings, this.logger, () => this.#wake()),
      );
    }
    const configured = [...this.#monitors.keys()];
    await deleteUnused(em, configured);
    await recordUnconfigured(em, configured);
    for (const [id, offer] of await readOffers(em, configured)) {
      const monitor = this.#monitors.get(id);
      if (monitor) monitor.catalogue.offer = offer;
    }
    for (const monitor of this.#monitors.values()) monitor.open();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#monitors.values()].map((monitor) => monitor.close()));
  }

  get(id: string): BackendMonitor | undefined {
    return this.#monitors.get(id);
  }

  named(name: string): BackendMonitor | undefined {
    return [...this.#monitors.values()].find((monitor) => monitor.name === name);
  }

  /** In the order of the configuration. */
  ids(): string[] {
    return [...this.#monitors.keys()];
  }

  online(): BackendMonitor[] {
    return [...this.#monitors.values()].filter(({ state }) => state === BackendState.ONLINE);
  }

  onlineOffers(): Offer[] {
    return this.online().flatMap(({ offer }) => offer ?? []);
  }

  /** Backends that may be given jobs as of their last checks. Their rows decide. */
  claimable(): BackendMonitor[] {
    return [...this.#monitors.values()].filter(
      ({ state, canBeProbed }) => state === BackendState.ONLINE || canBeProbed,
    );
  }

  /** Whether another backend that takes jobs has everything that is needed. */
  canOthersServe(id: string, needs: Needs): boolean {
    return this.online().some((other) => other.id !== id && !other.isDraining && this.serves(other.id, needs));
  }

  /** The needs of a graph, including the values that only some backends accept. */
  needsOf(graph: Graph): Needs {
    return needsOf(graph, this.#offers());
  }

  /** Whether the backend has everything that is needed, as far as is known. */
  serves(id: string, needs: Needs): boolean {
    const offer = this.get(id)?.offer;
    // A job whose model no backend has may run on any of them: it fails there with the reason, instead of waiting forever.
    const models = needs.models?.filter((model) => !this.#isMissingEverywhere(model));
    return offer !== undefined && missingOf({ ...needs, ...(models && { models }) }, offer).length === 0;
  }

  /** Whether a backend is known to have everything that the graph needs. Offline backends count. */
  canRun(graph: Graph): boolean {
    const needs = this.needsOf(graph);
    return this.ids().some((id) => this.serves(id, needs));
  }

  /** Whether the catalogues of all usable backends have been read since the server started. */
  get areCataloguesRead(): boolean {
    const usable = [...this.#monitors.values()].filter(({ isUnsupported }) => !isUnsupported);
    return usable.length > 0 && usable.every(({ offer }) => offer?.rules !== undefined);
  }

  /** The needs that the best of these backends does not meet. Empty if one meets all, or its catalogue was never read. */
  missing(needs: Needs, ids: readonly string[] = this.ids()): Lack[] {
    const monitors = ids.flatMap((id) => this.get(id) ?? []);
    const lacks = monitors.map(({ offer }) => (offer ? missingOf(needs, offer) : []));
    return lacks.reduce((least, lack) => (lack.length < least.length ? lack : least), lacks[0] ?? []);
  }

  /** What keeps every backend from running the graph: see `preflight`. Offline backends count. */
  check(graph: Graph): Problem[] {
    return preflight(
      graph,
      [...this.#monitors.values()].map(({ offer }) => offer),
    );
  }

  /** What would keep every backend from running the graph if nothing were missing: the fewest such problems. */
  faults(graph: Graph): Problem[] {
    return preflight(
      graph,
      [...this.#monitors.values()].map(({ offer }) => offer),
      ({ missing }) => missing === undefined,
    );
  }

  /** The node classes and models that the problems of the graph name, with similar names, and where to download them. */
  missingParts(problems: readonly Problem[], graph: Graph): MissingPart[] {
    return missingParts(problems, this.#offers(), sourcesIn(graph));
  }

  /** Calls `listener` whenever a backend comes online, or its catalogue has changed. */
  onOnline(listener: () => void): void {
    this.#onlineListeners.add(listener);
  }

  /** The rules of a node class on each backend that has it. */
  readonly rulesOf = (classType: string): readonly NodeRules[] =>
    this.#offers().flatMap(({ rules }) => rules?.get(classType) ?? []);

  /** `/object_info` of these classes, without those that no online backend has. @throws COMFYUI_UNAVAILABLE, BAD_USER_INPUT */
  classInfo(names: Iterable<string>): Promise<ObjectInfo> {
    return readClassInfo(this.online(), names);
  }

  /** The choices for an input that any backend offers; undefined if no catalogue has them. */
  choices(input: Pick<Input, 'type' | 'choices' | 'catalogue'>): readonly string[] | undefined {
    if (!input.catalogue) return input.type === 'CHOICE' ? input.choices : undefined;
    const { classType, input: name } = input.catalogue;
    const offered = this.#offers().flatMap(({ rules }) => [...(rules?.get(classType)?.get(name)?.choices ?? [])]);
    return offered.length > 0 ? [...new Set(offered.map(String))] : undefined;
  }

  /** All choices for an input; undefined until the catalogues of all backends have been read since the server started. */
  allChoices(input: Input): readonly string[] | undefined {
    const isPartial = [...this.#monitors.values()].some(({ offer }) => offer?.rules === undefined);
    return input.catalogue && isPartial ? undefined : this.choices(input);
  }

  #isMissingEverywhere(model: NamedModel): boolean {
    return this.areCataloguesRead && !this.#offers().some((offer) => hasModel(offer, model));
  }

  #offers(): Offer[] {
    return [...this.#monitors.values()].flatMap(({ offer }) => offer ?? []);
  }

  #wake(): void {
    for (const listener of this.#onlineListeners) listener();
  }
}
