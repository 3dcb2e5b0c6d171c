/** Keeps an eye on one ComfyUI server: whether it answers, what it offers, how busy it is. Its jobs are the runner's. */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { ComfyUI, modelFiles, type ObjectInfo, type SystemStats, unsupported } from '../comfyui/index.js';
import type { Timings } from '../timings.js';
import { BackendState } from './backend.js';
import { Health } from './health.js';
import { saveOffer } from './models.js';
import { type Offer, offerOf } from './needs.js';
import { recordAnswer, recordSilence } from './record.js';

const MAX_REASON_LENGTH = 200;
const NO_PROMPT = '00000000-0000-0000-0000-000000000000';

export class BackendConnection {
  /** ONLINE also while it is drained: whether it may be given work is its row's to say. */
  state: BackendState.ONLINE | BackendState.OFFLINE = BackendState.OFFLINE;
  /** It answers, and is OFFLINE only for what its last prompts failed with. As of the last check. */
  canBeProbed = false;
  /** As of the last check. */
  isDraining = false;
  /** What ComfyUI answered to `/object_info`; undefined until it has. */
  catalogue: ObjectInfo | undefined;
  /** What it has, by its catalogue, or by what it told an earlier process; undefined where it never has. */
  offer: Offer | undefined;
  readonly comfyui: ComfyUI;
  readonly #health: Health;
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  #catalogueAt = Number.NEGATIVE_INFINITY;
  #knownOffer = '';

  constructor(
    /** The id of its row. */
    readonly id: string,
    readonly name: string,
    url: string,
    private readonly orm: MikroORM,
    private readonly timings: Timings,
    private readonly logger: Logger,
    private readonly onOnline: () => void,
  ) {
    // `/queue` of a ComfyUI that others use too shows which prompts are ours.
    this.#health = new Health(id, timings);
    this.comfyui = new ComfyUI({ url, logger, clientIdPrefix: 'comfygraph-', timings: timings.comfyui });
  }

  open(): void {
    this.comfyui.connect();
    this.#watching = this.#watch();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
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
    // A fork may lack it, and then what becomes of a prompt is never known.
    if (this.#catalogueAt < 0) await this.comfyui.history(NO_PROMPT, signal);
    if (performance.now() - this.#catalogueAt > this.timings.catalogueIntervalMs) await this.#readCatalogue(signal);
    const em = this.orm.em.fork();
    const fault = await this.#health.judge(em, { queue, stats, heardAt: this.comfyui.heardAt });
    const { draining, reason } = await recordAnswer(em, this.id, { stats, queue, fault });
    this.isDraining = draining;
    this.canBeProbed = fault === undefined && reason !== undefined;
    if (reason !== undefined) return this.#offline(reason);
    if (this.state === BackendState.ONLINE) return;
    this.state = BackendState.ONLINE;
    this.logger.info({ backend: this.name, version: stats.system.comfyui_version }, 'ComfyUI is online');
    this.onOnline();
  }

  /** It can be given nothing: not even its catalogue is read. */
  async #refuse(stats: SystemStats, fault: string): Promise<void> {
    const queue = { queue_running: [], queue_pending: [] };
    this.isDraining = (await recordAnswer(this.orm.em.fork(), this.id, { stats, queue, fault })).draining;
    this.canBeProbed = false;
    // It may be updated, and is then another.
    this.#catalogueAt = 0;
    this.#offline(fault);
  }

  async #readCatalogue(signal: AbortSignal): Promise<void> {
    this.catalogue = await this.comfyui.objectInfo(signal);
    const offer = { classes: Object.keys(this.catalogue), files: modelFiles(this.catalogue) };
    const told = JSON.stringify(offer);
    if (told !== this.#knownOffer) {
      await saveOffer(this.orm.em.fork(), this.id, offer);
      this.offer = offerOf(this.catalogue);
      this.#knownOffer = told;
      this.onOnline();
    }
    this.#catalogueAt = performance.now();
  }

  async #silent(error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message.slice(0, MAX_REASON_LENGTH) : 'unknown';
    this.#health.forget();
    // When it is back it may be another.
    this.#catalogueAt = Number.NEGATIVE_INFINITY;
    this.canBeProbed = false;
    this.#offline(reason);
    await recordSilence(this.orm.em.fork(), this.id, reason).catch((cause) =>
      this.logger.error({ err: cause }, 'could not note that a backend is offline'),
    );
  }

  #offline(reason: string): void {
    if (this.state !== BackendState.OFFLINE) this.logger.warn({ backend: this.name, reason }, 'ComfyUI is offline');
    this.state = BackendState.OFFLINE;
  }
}
