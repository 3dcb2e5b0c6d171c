/**
 * Follows one prompt from wherever it is to its end. ComfyUI's records decide; its socket only says when to look and shows the
 * way. So resuming after a crash is the same call as running, and a silent socket delays progress and nothing else.
 */

import { PromptLostError, SubmitFailedError, UnreachableError } from '../protocol/errors.js';
import { type Outcome, outcomeOf } from '../protocol/outcome.js';
import type { Graph, PromptAccepted } from '../protocol/protocol.js';
import { sleep } from '../transport/backoff.js';
import { Outage, type OutageEvent } from '../transport/outage.js';
import type { Sockets } from '../transport/sockets.js';
import type { ComfyUITimings } from '../transport/timings.js';
import { Bell } from '../transport/wake-signal.js';
import type { Canceling } from './cancel.js';
import type { StoredProgress } from './progress.js';
import { type Announcement, type HeardEvent, Hearing } from './prompt-events.js';
import { isKnown, look, type Place } from './prompt-location.js';

/** ComfyUI says `execution_success` before its history has it: 4 of 60 reads came too early. */
const HISTORY_LAG_MS = 100;
const HISTORY_LAG_LOOKS = 20;
/** After this many POSTs that said nothing, while all else is answered, another ComfyUI may do better. */
const MAX_SUBMITS = 5;

export type RunEvent =
  /** ComfyUI took the prompt from us, or it is known to have it. The first event but for outages. */
  | Announcement
  /** `running` once, when it is first seen at work; `progress`, `preview`: only the newest waits for a slow reader. */
  | HeardEvent
  /** Once when ComfyUI stops answering and once when it answers again; only the newest waits. */
  | OutageEvent
  /** The last event, from the history. */
  | ({ type: 'end' } & Outcome);

export type RunOptions = {
  /** A lowercase UUID that no other prompt ever had. */
  promptId: string;
  signal: AbortSignal;
  /** Nobody ever posted this id: post at once, without looking for it. */
  fresh?: boolean;
  /** ComfyUI is known to have had it: where it is nowhere, it is lost and not to be posted again under this id. */
  accepted?: boolean;
  /** Where someone left the prompt: progress begins there and does not go below it. */
  progress?: StoredProgress;
  /** Called right before each POST; what it throws ends the run, unsent. */
  beforeSubmit?: () => Promise<void>;
};

/** What a run needs of its ComfyUI. */
export type Runner = Canceling & {
  submit(request: { promptId: string; graph: Graph; clientId: string }, signal: AbortSignal): Promise<PromptAccepted>;
};

export type RunContext = {
  comfyui: Runner;
  sockets: Sockets;
  timings: ComfyUITimings;
  /** Aborts when the client is closed. */
  closed: AbortSignal;
};

export class Following {
  readonly #bell = new Bell();
  readonly #hearing: Hearing;
  readonly #outage: Outage;
  readonly #letGo: (() => void)[] = [];
  #wasPending = false;

  constructor(
    private readonly context: RunContext,
    private readonly graph: Graph,
    private readonly options: RunOptions,
    private readonly signal: AbortSignal,
    private readonly tell: (event: RunEvent) => void,
  ) {
    this.#hearing = new Hearing(graph, options.promptId, options.progress, tell, () => this.#bell.ring());
    this.#outage = new Outage(signal, context.timings, tell);
  }

  async follow(): Promise<void> {
    if (this.signal.aborted) return;
    // Listen before asking and before posting: nothing may fall in between.
    this.#letGo.push(this.context.sockets.listen((event) => this.#hearing.hear(event)));
    try {
      const place = (await this.#adopt()) ?? (await this.#submit());
      await this.#watch(place);
    } finally {
      for (const letGo of this.#letGo) letGo();
    }
  }

  async #adopt(): Promise<Place | undefined> {
    if (this.options.fresh) return undefined;
    const place = await this.#search();
    if (!place && this.options.accepted) throw new PromptLostError(this.options.promptId, false, 'perhaps');
    if (!place) return undefined;
    // What it says goes to the id it was sent under.
    if (place.clientId !== undefined) this.#hold(place.clientId);
    this.#hearing.announce({ type: 'adopted', running: place.running });
    return place;
  }

  /** Posts until ComfyUI has it; a place where it was found because the answer was lost. */
  async #submit(): Promise<Place | undefined> {
    const { promptId, beforeSubmit } = this.options;
    for (let submits = 1; ; submits += 1) {
      await beforeSubmit?.();
      this.signal.throwIfAborted();
      const { clientId } = this.context.sockets;
      this.#hold(clientId);
      this.#hearing.hasReconnected = false;
      try {
        await this.context.comfyui.submit({ promptId, graph: this.graph, clientId }, this.signal);
        this.#outage.over();
        this.#hearing.announce({ type: 'submitted' });
        return undefined;
      } catch (error) {
        await this.#outage.wait(error);
        // The answer may be lost and not the request: the same id is not sent again before it is looked for.
        if (error instanceof UnreachableError && !error.sent) {
          submits -= 1;
          continue;
        }
        const place = await this.#search();
        if (!place && submits < MAX_SUBMITS) continue;
        if (!place) throw new SubmitFailedError(`It takes no prompt: ${(error as Error).message}`, { cause: error });
        this.#hearing.announce({ type: 'submitted' });
        return place;
      }
    }
  }

  /** Where the prompt is; undefined if nowhere, seen twice with the time between in which a POST under way arrives. */
  async #search(): Promise<Place | undefined> {
    const first = await this.#look();
    if (isKnown(first)) return first;
    await sleep(this.context.timings.inFlightTimeoutMs, this.signal);
    const second = await this.#look();
    return isKnown(second) ? second : undefined;
  }

  async #watch(found: Place | undefined): Promise<void> {
    let place = found;
    let absentSince: number | undefined;
    let eagerLooks = 0;
    for (;;) {
      if (place) {
        if (place.running) this.#hearing.runs();
        if (place.pending > 0) this.#wasPending = true;
        await this.#removeCopies(place);
        if (place.entry) return this.#end(place);
        if (isKnown(place)) absentSince = undefined;
        else if (absentSince === undefined) absentSince = place.answeredAt;
        else if (place.askedAt - absentSince >= this.context.timings.inFlightTimeoutMs) {
          throw new PromptLostError(this.options.promptId, this.#hearing.heardSuccess, this.#waited);
        }
      }
      // A prompt that was sent under the id of a socket that is gone says nothing any more: the clock looks for it.
      const absentMs =
        absentSince === undefined
          ? Number.POSITIVE_INFINITY
          : absentSince + this.context.timings.inFlightTimeoutMs - performance.now();
      const patience = Math.max(0, Math.min(absentMs, this.context.timings.recheckIntervalMs));
      if (eagerLooks > 0) {
        eagerLooks -= 1;
        await sleep(Math.min(HISTORY_LAG_MS, patience), this.signal);
      } else if ((await this.#bell.wait(patience, this.signal)) && this.#hearing.heardLast)
        eagerLooks = HISTORY_LAG_LOOKS;
      place = await this.#look();
    }
  }

  /** Where ComfyUI lives on, somebody took it out of the queue. */
  get #waited(): PromptLostError['waited'] {
    const { isRunning, hasReconnected } = this.#hearing;
    const wentAway = hasReconnected || this.#outage.wasAway || !this.context.sockets.connected;
    if (isRunning || !wentAway) return 'no';
    return this.#wasPending ? 'seen' : 'perhaps';
  }

  /** The same id may have been posted twice, by two that did not know of each other: one execution is enough. */
  async #removeCopies({ running, pending, entry }: Place): Promise<void> {
    const { promptId } = this.options;
    const copies = pending - (running || entry ? 0 : 1);
    for (let copy = 0; copy < copies; copy++)
      await this.#outage.outlast(() => this.context.comfyui.dequeue(promptId, this.signal));
    if (!entry || !running) return;
    // It may have ended between the two answers; if it still runs, this is the second time.
    const { queue_running } = await this.#outage.outlast(() => this.context.comfyui.queue(this.signal));
    if (!queue_running.some(([, id]) => id === promptId)) return;
    await this.#outage.outlast(() => this.context.comfyui.interrupt(promptId, this.signal));
  }

  #end({ entry }: Place): void {
    if (!entry) return;
    this.#hearing.runs();
    this.tell({ type: 'end', ...outcomeOf(entry) });
  }

  #look(): Promise<Place> {
    return this.#outage.outlast(() => look(this.context.comfyui, this.options.promptId, this.signal));
  }

  #hold(clientId: string): void {
    this.#letGo.push(this.context.sockets.hold(clientId));
  }
}
