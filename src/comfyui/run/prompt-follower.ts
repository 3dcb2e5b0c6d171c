/**
 * Follows one prompt from wherever it is to its end. ComfyUI's queue and history decide what happened. The socket only reports progress
 * and says when to check. So resuming after a crash is the same call as running, and a silent socket delays progress and nothing else.
 */
import { PromptLostError, SubmitFailedError, UnreachableError } from '../protocol/errors.js';
import { type Outcome, outcomeOf } from '../protocol/outcome.js';
import type { Graph, HistoryEntry, NodeId, NodeOutput, PromptAccepted } from '../protocol/protocol.js';
import { sleep } from '../transport/backoff.js';
import { Outage, type OutageEvent } from '../transport/outage.js';
import type { Sockets } from '../transport/socket/sockets.js';
import type { ComfyUITimings } from '../transport/timings.js';
import { WakeSignal } from '../transport/wake-signal.js';
import type { CancelRoutes } from './cancel.js';
import type { StoredProgress } from './progress.js';
import { type AcceptedEvent, type PromptEvent, PromptEvents } from './prompt-events.js';
import { isKnown, locatePrompt, type PromptLocation } from './prompt-location.js';

/** ComfyUI sends `execution_success` before its history has the prompt: 4 of 60 reads came too early. */
const HISTORY_CHECK_INTERVAL_MS = 100;
const MAX_HISTORY_CHECKS = 20;
/** After this many POSTs without a usable response, while all other requests succeed, another ComfyUI should be tried. */
const MAX_SUBMITS = 5;

export type RunEvent =
  /** ComfyUI accepted the prompt, or was found to have it. The first event, apart from outages. */
  | AcceptedEvent
  /** `running` comes once. `progress` and `preview`: only the newest waits for a slow reader. */
  | PromptEvent
  /** Once when ComfyUI stops responding and once when it responds again. Only the newest waits. */
  | OutageEvent
  /** The last event, from the history. */
  | ({ type: 'end' } & Outcome);

export type RunOptions = {
  /** A lowercase UUID that no other prompt ever had. */
  promptId: string;
  signal: AbortSignal;
  /** The id was never submitted: submit it at once, without a check. */
  fresh?: boolean;
  /** ComfyUI is known to have accepted the prompt: if it is nowhere it is lost, and is not submitted again under this id. */
  accepted?: boolean;
  /** The progress to resume from. Progress never falls below it. */
  progress?: StoredProgress;
  /** Called as soon as the socket names an output, although the reader may still be busy with earlier events. */
  onOutput?: (nodeId: NodeId, output: NodeOutput) => void;
  /** Called right before each POST. If it throws, the run ends with that error and nothing is sent. */
  beforeSubmit?: () => Promise<void>;
  /** Called when ComfyUI has accepted the prompt: the next one may be submitted. The event comes a little later. */
  afterSubmit?: () => void;
};

/** The routes that a run uses. */
type RunRoutes = CancelRoutes & {
  submit(request: { promptId: string; graph: Graph; clientId: string }, signal: AbortSignal): Promise<PromptAccepted>;
};

export type RunContext = {
  comfyui: RunRoutes;
  sockets: Sockets;
  timings: ComfyUITimings;
  /** Aborts when the client is closed. */
  closed: AbortSignal;
};

export class PromptFollower {
  readonly #wake = new WakeSignal();
  readonly #events: PromptEvents;
  readonly #outage: Outage;
  readonly #releases: (() => void)[] = [];
  #wasPending = false;
  /** ComfyUI received the prompt from this run alone, and once: it has no copy. */
  #isOnly = false;

  constructor(
    private readonly context: RunContext,
    private readonly graph: Graph,
    private readonly options: RunOptions,
    private readonly signal: AbortSignal,
    private readonly emit: (event: RunEvent) => void,
  ) {
    const { promptId, progress, onOutput } = options;
    this.#events = new PromptEvents(graph, promptId, progress, { emit, onOutput, wake: () => this.#wake.set() });
    this.#outage = new Outage(signal, context.timings, emit);
  }

  async follow(): Promise<void> {
    if (this.signal.aborted) return;
    // Listens before the first check and before the POST, so that no message is missed.
    this.#releases.push(this.context.sockets.listen((event) => this.#events.receive(event)));
    try {
      const location = (await this.#adopt()) ?? (await this.#submit());
      await this.#watch(location);
    } finally {
      this.#events.close();
      for (const release of this.#releases) release();
    }
  }

  /** Returns undefined if the prompt has to be submitted. */
  async #adopt(): Promise<PromptLocation | undefined> {
    if (this.options.fresh) return undefined;
    const location = await this.#find();
    if (!location && this.options.accepted) throw new PromptLostError(this.options.promptId, false, 'perhaps');
    if (!location) return undefined;
    // ComfyUI sends the prompt's messages to the client id that it was submitted under.
    if (location.clientId !== undefined) this.#hold(location.clientId);
    this.#events.accept({ type: 'adopted', running: location.running });
    return location;
  }

  /** Submits until ComfyUI has the prompt. Returns a location if the response was lost and the prompt was found. */
  async #submit(): Promise<PromptLocation | undefined> {
    const { promptId, beforeSubmit } = this.options;
    for (let submits = 1; ; submits += 1) {
      await beforeSubmit?.();
      this.signal.throwIfAborted();
      const { clientId } = this.context.sockets;
      this.#hold(clientId);
      this.#events.hasReconnected = false;
      try {
        await this.context.comfyui.submit({ promptId, graph: this.graph, clientId }, this.signal);
        this.options.afterSubmit?.();
        this.#isOnly = this.options.fresh === true && !this.#outage.hasOccurred;
        this.#outage.end();
        this.#events.accept({ type: 'submitted', running: false });
        return undefined;
      } catch (error) {
        await this.#outage.wait(error);
        if (error instanceof UnreachableError && !error.sent) {
          submits -= 1;
          continue;
        }
        // ComfyUI may have received the request: the same id is not submitted again before a check.
        const location = await this.#find();
        if (!location && submits < MAX_SUBMITS) continue;
        if (!location)
          throw new SubmitFailedError(`ComfyUI accepts no prompts: ${(error as Error).message}`, { cause: error });
        this.#events.accept({ type: 'submitted', running: false });
        return location;
      }
    }
  }

  /** Returns undefined if two checks did not find the prompt. A POST that was under way arrives between the two. */
  async #find(): Promise<PromptLocation | undefined> {
    const first = await this.#locate();
    if (isKnown(first)) return first;
    await sleep(this.context.timings.inFlightTimeoutMs, this.signal);
    const second = await this.#locate();
    return isKnown(second) ? second : undefined;
  }

  async #watch(found: PromptLocation | undefined): Promise<void> {
    let location = found;
    let absentSince: number | undefined;
    let historyChecks = 0;
    for (;;) {
      if (location) {
        if (location.running) this.#events.markRunning();
        if (location.pending > 0) this.#wasPending = true;
        await this.#removeCopies(location);
        if (location.entry) return this.#end(location.entry);
        if (isKnown(location)) absentSince = undefined;
        else if (absentSince === undefined) absentSince = location.respondedAt;
        else if (location.requestedAt - absentSince >= this.context.timings.inFlightTimeoutMs) {
          throw new PromptLostError(this.options.promptId, this.#events.hasSucceeded, this.#waited);
        }
      }
      // Messages of a prompt that was submitted under the id of a closed socket are lost: the timer checks for it.
      const absentMs =
        absentSince === undefined
          ? Number.POSITIVE_INFINITY
          : absentSince + this.context.timings.inFlightTimeoutMs - performance.now();
      const timeoutMs = Math.max(0, Math.min(absentMs, this.context.timings.recheckIntervalMs));
      if (historyChecks > 0) {
        historyChecks -= 1;
        // ComfyUI sends `executing` without a node after its history has the prompt.
        await this.#wake.wait(Math.min(HISTORY_CHECK_INTERVAL_MS, timeoutMs), this.signal);
      } else if ((await this.#wake.wait(timeoutMs, this.signal)) && this.#events.hasEnded)
        historyChecks = MAX_HISTORY_CHECKS;
      const entry = this.#isOnly && this.#events.hasEnded ? await this.#history() : undefined;
      if (entry) return this.#end(entry);
      location = await this.#locate();
    }
  }

  /** If ComfyUI did not go away, another client removed the prompt from the queue. */
  get #waited(): PromptLostError['waited'] {
    const { isRunning, hasReconnected } = this.#events;
    const wentAway = hasReconnected || this.#outage.hasOccurred || !this.context.sockets.connected;
    if (isRunning || !wentAway) return 'no';
    return this.#wasPending ? 'seen' : 'perhaps';
  }

  /** Two processes that did not know of each other may have submitted the same id: one execution is enough. */
  async #removeCopies({ running, pending, entry }: PromptLocation): Promise<void> {
    const { promptId } = this.options;
    const copies = pending - (running || entry ? 0 : 1);
    for (let copy = 0; copy < copies; copy++)
      await this.#outage.outlast(() => this.context.comfyui.dequeue(promptId, this.signal));
    if (!entry || !running) return;
    // The prompt may have ended between the two responses. If it still runs, this is its second execution.
    const { queue_running } = await this.#outage.outlast(() => this.context.comfyui.queue(this.signal));
    if (!queue_running.some(([, id]) => id === promptId)) return;
    await this.#outage.outlast(() => this.context.comfyui.interrupt(promptId, this.signal));
  }

  #end(entry: HistoryEntry): void {
    this.#events.markRunning();
    this.emit({ type: 'end', ...outcomeOf(entry) });
  }

  #history(): Promise<HistoryEntry | undefined> {
    return this.#outage.outlast(() => this.context.comfyui.history(this.options.promptId, this.signal));
  }

  #locate(): Promise<PromptLocation> {
    return this.#outage.outlast(() => locatePrompt(this.context.comfyui, this.options.promptId, this.signal));
  }

  #hold(clientId: string): void {
    this.#releases.push(this.context.sockets.hold(clientId));
  }
}
