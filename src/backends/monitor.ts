/** Keeps an eye on one ComfyUI server: whether it answers, what it offers, how busy it is. Its jobs are the runner's. */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { ComfyUI, type SystemStats, unsupported } from '../comfyui/index.js';
import type { BackendAddress } from './addresses.js';
import { BackendState } from './backend.js';
import { recordAnswer, recordSilence } from './backend-rows.js';
import { Catalogue } from './catalogue.js';
import { Health } from './health.js';
import { saveOffer } from './models.js';
import type { Offer } from './needs.js';
import type { BackendTimings } from './timings.js';

const MAX_REASON_LENGTH = 200;
const NO_PROMPT = '00000000-0000-0000-0000-000000000000';

export class BackendConnection {
  /** ONLINE also while it is drained: whether it may be given work is its row's to say. */
  state: BackendState.ONLINE | BackendState.OFFLINE = BackendState.OFFLINE;
  /** It answers, and is OFFLINE only for what its last prompts failed with. As of the last check. */
  canBeProbed = false;
  /** As of the last check. */
  isDraining = false;
  /** It did not answer the last check. Before the first one nobody knows. */
  isAway = false;
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly comfyui: ComfyUI;
  readonly #health: Health;
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  #savedOffer = '';
  #hasHistory = false;
  /** Why it is offline, as the log has it. */
  #loggedReason: string | undefined;

  constructor(
    /** The id of its row. */
    readonly id: string,
    { name, url, headers = {} }: BackendAddress,
    private readonly orm: MikroORM,
    private readonly timings: BackendTimings,
    private readonly logger: Logger,
    private readonly onOnline: () => void,
  ) {
    this.name = name;
    // `/queue` of a ComfyUI that others use too shows which prompts are ours.
    this.#health = new Health(id, timings);
    this.comfyui = new ComfyUI({ url, headers, logger, clientIdPrefix: 'comfygraph-', timings: timings.comfyui });
    this.catalogue = new Catalogue(this.comfyui, timings.catalogueIntervalMs, (offer) => this.#save(offer));
    this.comfyui.onLoss(() => this.catalogue.forget());
  }

  /** What it has, by its catalogue, or by what it told an earlier process; undefined where it never has. */
  get offer(): Offer | undefined {
    return this.catalogue.offer;
  }

  open(): void {
    this.comfyui.connect();
    this.#watching = this.#watch();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.catalogue.settled;
    await this.comfyui.close();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#check(signal);
      } catch (error) {
        if (!signal.aborted) await this.#silent(error);
      }
      await setTimeout(this.timings.backendCheckIntervalMs, undefined, { signal }).catch(() => {});
    }
  }

  async #check(signal: AbortSignal): Promise<void> {
    const stats = await this.comfyui.systemStats(signal);
    const needed = unsupported(stats);
    if (needed !== undefined) return await this.#refuse(stats, needed);
    const queue = await this.comfyui.queue(signal);
    this.isAway = false;
    // A fork may lack it, and then what becomes of a prompt is never known.
    if (!this.#hasHistory) await this.comfyui.history(NO_PROMPT, signal);
    this.#hasHistory = true;
    await this.catalogue.refresh(this.timings.backendCheckIntervalMs, signal);
    const em = this.orm.em.fork();
    const fault =
      (await this.#health.judge(em, { queue, stats, heardAt: this.comfyui.heardAt })) ?? this.#catalogueFault();
    const { draining, reason } = await recordAnswer(em, this.id, { stats, queue, fault });
    this.isDraining = draining;
    this.canBeProbed = fault === undefined && reason !== undefined;
    if (reason !== undefined) return this.#offline(reason);
    if (this.state === BackendState.ONLINE) return;
    this.state = BackendState.ONLINE;
    this.#loggedReason = undefined;
    this.logger.info({ backend: this.name, version: stats.system.comfyui_version }, 'ComfyUI is online');
    this.onOnline();
  }

  /** It can be given nothing: not even its catalogue is read. */
  async #refuse(stats: SystemStats, fault: string): Promise<void> {
    const queue = { queue_running: [], queue_pending: [] };
    this.isDraining = (await recordAnswer(this.orm.em.fork(), this.id, { stats, queue, fault })).draining;
    this.canBeProbed = false;
    // It may be updated, and is then another.
    this.#forget();
    this.#offline(fault);
  }

  #catalogueFault(): string | undefined {
    if (this.catalogue.isUsable || this.state === BackendState.ONLINE) return undefined;
    const { failure } = this.catalogue;
    return failure === undefined ? 'Its catalogue is being read' : `Its catalogue cannot be read: ${reasonOf(failure)}`;
  }

  async #save({ classes, files }: Offer): Promise<void> {
    const offer = JSON.stringify([[...classes], [...files.keys()]]);
    if (offer !== this.#savedOffer)
      await saveOffer(this.orm.em.fork(), this.id, { classes: [...classes], files: [...files.values()] });
    this.#savedOffer = offer;
    this.onOnline();
  }

  async #silent(error: unknown): Promise<void> {
    const reason = reasonOf(error);
    this.isAway = true;
    this.#health.forget();
    // When it is back it may be another.
    this.#forget();
    this.canBeProbed = false;
    this.#offline(reason);
    await recordSilence(this.orm.em.fork(), this.id, reason).catch((cause) =>
      this.logger.error({ err: cause }, 'could not note that a backend is offline'),
    );
  }

  #forget(): void {
    this.#hasHistory = false;
    this.catalogue.forget();
  }

  #offline(reason: string): void {
    if (reason !== this.#loggedReason) this.logger.warn({ backend: this.name, reason }, 'ComfyUI is offline');
    this.#loggedReason = reason;
    this.state = BackendState.OFFLINE;
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, MAX_REASON_LENGTH) : 'unknown';
