/** Monitors one ComfyUI server: whether it responds, works, which nodes and models it has, and how busy it is. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { ComfyUI, type SystemStats, unsupported } from '../../comfyui/index.js';
import { Repeating } from '../../process/repeating.js';
import { BackendState } from '../backend.js';
import { recordResponse, recordUnreachable } from '../backend-rows.js';
import { saveOffer } from '../model-rows.js';
import type { Offer } from '../offer.js';
import type { BackendAddress } from '../settings/addresses.js';
import type { BackendTimings } from '../timings.js';
import { Catalogue } from './catalogue.js';
import { Health } from './health.js';

const MAX_REASON_LENGTH = 200;
const NO_PROMPT = '00000000-0000-0000-0000-000000000000';
const READING_CATALOGUE = 'Reading the catalogue of nodes and models';

type Status =
  | { phase: 'unchecked' | 'online' }
  | { phase: 'away' | 'unsupported' | 'faulty' | 'broken'; reason: string };

/**
 * Each check ends in one of these phases. Unchecked: before the first check, and while a backend that was away responds again. Away: the
 * last check got no response. Unsupported: ComfyUI is too old, or a fork. Faulty: it responds, but does not work, or its catalogue was
 * never read. Broken: it is fine except that its last prompts failed, so it may be probed. Online: it may be given jobs, unless it is
 * drained.
 */
export class BackendMonitor {
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly comfyui: ComfyUI;
  /** An admin wants the backend to take no new jobs. As of the last check. */
  isDraining = false;
  #status: Status = { phase: 'unchecked' };
  readonly #health: Health;
  readonly #closed = new AbortController();
  readonly #checks: Repeating;
  #savedOffer = '';
  /** Whether the history route was found to work since the backend was last away. */
  #hasHistory = false;
  #loggedReason: string | undefined;
  /** Resolved while the last check got a response. */
  #contact = Promise.withResolvers<void>();
  #hasContact = false;

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
    this.#health = new Health(id, timings);
    // The prefix shows in `/queue` which prompts are ours, if others use this ComfyUI, too.
    this.comfyui = new ComfyUI({ url, headers, logger, clientIdPrefix: 'comfygraph-', timings: timings.comfyui });
    this.catalogue = new Catalogue(this.comfyui, timings.catalogueIntervalMs, (offer) => this.#save(offer));
    this.comfyui.onLoss(() => this.catalogue.invalidate());
    this.#checks = new Repeating(timings.backendCheckIntervalMs, () => this.#check(), 'check a backend', logger);
  }

  /** ONLINE also while the backend is drained: its row says whether it may be given jobs. */
  get state(): BackendState.ONLINE | BackendState.OFFLINE {
    return this.#status.phase === 'online' ? BackendState.ONLINE : BackendState.OFFLINE;
  }

  /** Whether the backend responds, and is OFFLINE only because its last prompts failed. */
  get canBeProbed(): boolean {
    return this.#status.phase === 'broken';
  }

  get isAway(): boolean {
    return this.#status.phase === 'away';
  }

  get isUnsupported(): boolean {
    return this.#status.phase === 'unsupported';
  }

  /** The nodes and models of the backend: from its catalogue, else as an earlier process saved them. Undefined if never read. */
  get offer(): Offer | undefined {
    return this.catalogue.offer;
  }

  /**
   * Resolves when the last check got a response, and the row does not count the backend as away any more. A prompt that is submitted
   * earlier may execute while its job moves to another backend. @throws the signal's reason
   */
  async contact(signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([aborted, this.#contact.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  get hasContact(): boolean {
    return this.#hasContact;
  }

  open(): void {
    this.comfyui.connect();
    this.#checks.open();
    this.#checks.now();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#checks.close();
    await this.catalogue.settled;
    await this.comfyui.close();
  }

  async #check(): Promise<void> {
    const { signal } = this.#closed;
    if (signal.aborted) return;
    try {
      const stats = await this.comfyui.systemStats(signal);
      const requirement = unsupported(stats);
      if (requirement === undefined) await this.#checkSupported(stats, signal);
      else await this.#onUnsupported(stats, requirement);
      this.#hasContact = true;
      this.#contact.resolve();
    } catch (error) {
      if (!signal.aborted) await this.#onUnreachable(error);
    }
  }

  async #checkSupported(stats: SystemStats, signal: AbortSignal): Promise<void> {
    const queue = await this.comfyui.queue(signal);
    if (this.#status.phase === 'away') this.#status = { phase: 'unchecked' };
    // A fork may lack the route, and then the outcome of a prompt is never known.
    if (!this.#hasHistory) await this.comfyui.history(NO_PROMPT, signal);
    this.#hasHistory = true;
    await this.catalogue.refresh(this.timings.backendCheckIntervalMs, signal);
    const em = this.orm.em.fork();
    const vitals = { queue, stats, lastPromptMessageAt: this.comfyui.lastPromptMessageAt };
    const fault = (await this.#health.check(em, vitals)) ?? this.#catalogueFault();
    const isStarting = fault === READING_CATALOGUE;
    const { draining, reason } = await recordResponse(em, this.id, { stats, queue, fault, isStarting });
    this.isDraining = draining;
    if (reason !== undefined) return this.#moveTo({ phase: fault === undefined ? 'broken' : 'faulty', reason });
    if (this.#status.phase === 'online') return;
    this.#moveTo({ phase: 'online' });
    this.logger.info({ backend: this.name, version: stats.system.comfyui_version }, 'backend is online');
    this.onOnline();
  }

  /** Its catalogue is not read. */
  async #onUnsupported(stats: SystemStats, reason: string): Promise<void> {
    const queue = { queue_running: [], queue_pending: [] };
    const response = { stats, queue, fault: reason, isStarting: false };
    const row = await recordResponse(this.orm.em.fork(), this.id, response);
    this.isDraining = row.draining;
    this.#expectRestart();
    this.#moveTo({ phase: 'unsupported', reason });
  }

  async #onUnreachable(error: unknown): Promise<void> {
    const reason = reasonOf(error);
    if (this.#hasContact) this.#contact = Promise.withResolvers<void>();
    this.#hasContact = false;
    this.#health.reset();
    this.#expectRestart();
    this.#moveTo({ phase: 'away', reason });
    await recordUnreachable(this.orm.em.fork(), this.id, reason).catch((cause) =>
      this.logger.error({ err: cause }, 'could not record that a backend is offline'),
    );
  }

  /** An online backend stays online with its last catalogue. */
  #catalogueFault(): string | undefined {
    if (this.catalogue.isUsable || this.#status.phase === 'online') return undefined;
    const { failure } = this.catalogue;
    return failure === undefined
      ? READING_CATALOGUE
      : `Cannot read the catalogue of nodes and models: ${reasonOf(failure)}`;
  }

  async #save({ classes, files }: Offer): Promise<void> {
    const offer = JSON.stringify([[...classes], [...files.keys()]]);
    if (offer !== this.#savedOffer)
      await saveOffer(this.orm.em.fork(), this.id, { classes: [...classes], files: [...files.values()] });
    this.#savedOffer = offer;
    this.onOnline();
  }

  /** ComfyUI may come back as another version with other nodes and models. */
  #expectRestart(): void {
    this.#hasHistory = false;
    this.catalogue.invalidate();
  }

  #moveTo(status: Status): void {
    this.#status = status;
    const reason = 'reason' in status ? status.reason : undefined;
    if (reason !== undefined && reason !== this.#loggedReason)
      this.logger.warn({ backend: this.name, reason }, 'backend is offline');
    this.#loggedReason = reason;
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, MAX_REASON_LENGTH) : 'Unknown error';
