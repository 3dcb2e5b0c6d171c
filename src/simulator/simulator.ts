/** A running simulator: its address, restarts and the controls that tests use. Creates everything that survives a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Action, type ActionName, type FaultOptions, Faults, type Point } from './faults/faults.js';
import { builtInNodes } from './nodes/index.js';
import { resolveOptions, type Settings, type SimulatorOptions } from './options.js';
import { HttpServer } from './server/http-server.js';
import { Folders } from './state/folders.js';
import { Journal } from './state/journal.js';
import { ServerInstance } from './state/server-instance.js';
import type { SharedState } from './state/shared-state.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

type Phase =
  | { name: 'down'; stopped: Promise<void> }
  | { name: 'starting'; stopped: Promise<void>; started: Promise<void> }
  | { name: 'up'; instance: ServerInstance; server: HttpServer; started: Promise<void> }
  | { name: 'closed'; closed: Promise<void> };

/**
 * A simulator begins `down`. `up` moves it to `starting`, where it waits until the previous instance has stopped. Then it is `up`: a new
 * instance serves requests as soon as it listens. `down`, or a failure to listen, stops the instance and moves back to `down`; during
 * `starting` it only waits for the previous instance, and the start goes on. `close` moves every phase to `closed`, which is the last.
 */
export class Simulator {
  readonly journal: Journal;
  readonly #faults: Faults;
  readonly #shared: SharedState;
  readonly #closing = new AbortController();
  #port: number;
  #phase: Phase = { name: 'down', stopped: Promise.resolve() };

  private constructor(settings: Settings, folders: Folders) {
    this.journal = new Journal(settings.journal);
    this.#faults = new Faults({
      restart: (options) => {
        this.restart(options).catch((error: unknown) =>
          settings.logger.error({ error }, 'the simulator failed to restart'),
        );
      },
      dropSockets: () => this.dropSockets(),
    });
    const nodes = new Map([...builtInNodes(settings.version), ...Object.entries(settings.nodes)]);
    this.#shared = { settings, folders, faults: this.#faults, journal: this.journal, nodes };
    this.#port = settings.port;
  }

  /** Resolves when it listens. Rejects when the port is in use. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const settings = resolveOptions(options);
    const simulator = new Simulator(settings, await Folders.open(settings.directory));
    try {
      await simulator.up();
      return simulator;
    } catch (error) {
      await simulator.close();
      throw error;
    }
  }

  /** Without a trailing slash. Stays the same across restarts. */
  get url(): string {
    return `http://${this.#shared.settings.host}:${this.#port}`;
  }

  /** The directory that contains `output`, `input` and `temp`. */
  get directory(): string {
    return this.#shared.folders.base;
  }

  /** Client ids with an open socket. */
  get clientIds(): string[] {
    return this.#instance?.sockets.clientIds ?? [];
  }

  /** Adds a fault at a point. Returns a function that removes it. */
  at(point: Point, action: Action | ActionName, options?: FaultOptions): () => void {
    return this.#faults.at(point, action, options);
  }

  /** Removes all faults and resumes frozen sockets and held execution. */
  heal(): void {
    this.#faults.clear();
    this.#instance?.sockets.unfreeze();
  }

  /** Holds execution at the next node or step. */
  hold(): void {
    this.#faults.gate.close();
  }

  release(): void {
    this.#faults.gate.open();
  }

  /** Resolves when execution is held. */
  held(): Promise<void> {
    return this.#faults.gate.waiting();
  }

  /** Continues held execution by this many nodes or steps. */
  async advance(steps = 1): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.held();
      this.release();
      this.hold();
    }
  }

  /** Disconnects all sockets. */
  dropSockets(): void {
    this.#instance?.sockets.disconnectAll();
  }

  /** Sockets stay open and answer pings, but get no messages. Returns a function that ends this. */
  mute(): () => void {
    return this.at('message', 'omit', ALWAYS);
  }

  /** Open sockets stay open and do not even answer pings. Returns a function that ends this. */
  freeze(): () => void {
    this.#instance?.sockets.freeze();
    return () => this.#instance?.sockets.unfreeze();
  }

  /** Sends any frame, such as garbage or a custom node's message, to one client or to all. */
  say(frame: string | Uint8Array, clientId?: string): void {
    this.#instance?.sockets.publishRaw(frame, clientId ?? null);
  }

  /** Deletes one history entry, or all. */
  evict(promptId?: string): void {
    this.#instance?.queue.deleteHistory(promptId);
  }

  /**
   * Simulates a killed process: cuts and refuses connections; queue, running prompt, history, counter and cache are lost.
   * Resolves when the instance has stopped.
   */
  async down(): Promise<void> {
    const from = this.#phase;
    const phase = from.name === 'up' ? this.#moveTo({ name: 'down', stopped: stop(from) }) : from;
    await (phase.name === 'closed' ? phase.closed : phase.stopped);
  }

  /** Starts again at the same address. Output and input files survive, temporary files do not. */
  async up(): Promise<void> {
    const from = this.#phase;
    const phase =
      from.name === 'down' ? this.#moveTo({ ...from, name: 'starting', started: this.#start(from.stopped) }) : from;
    if (phase.name !== 'closed') await phase.started;
  }

  /** Goes down, and up again after `downMs`. */
  async restart({ downMs = 0 }: { downMs?: number } = {}): Promise<void> {
    this.journal.restarts += 1;
    const down = this.down();
    await sleep(downMs, undefined, { signal: this.#closing.signal }).catch(() => {});
    await down;
    await this.up();
  }

  /** Stops the simulator and removes its temporary folder. */
  async close(): Promise<void> {
    const from = this.#phase;
    const { closed } = from.name === 'closed' ? from : this.#moveTo({ name: 'closed', closed: this.#close(from) });
    await closed;
  }

  get #instance(): ServerInstance | undefined {
    return this.#phase.name === 'up' ? this.#phase.instance : undefined;
  }

  #moveTo<To extends Phase>(phase: To): To {
    if (phase.name === 'up') this.journal.recordServer('up');
    else if (this.#phase.name === 'up') this.journal.recordServer('down');
    this.#phase = phase;
    return phase;
  }

  async #start(stopped: Promise<void>): Promise<void> {
    await stopped;
    try {
      await this.#shared.folders.clearTemp();
      if (this.#phase.name === 'starting') await this.#listen(this.#phase.started);
    } catch (error) {
      if (this.#phase.name === 'starting') this.#moveTo({ name: 'down', stopped });
      if (this.#phase.name === 'up') await this.down();
      throw error;
    }
  }

  async #listen(started: Promise<void>): Promise<void> {
    const instance = new ServerInstance(this.#shared, () => void this.down());
    const server = new HttpServer(instance, this);
    this.#moveTo({ name: 'up', instance, server, started });
    this.#port = await server.listen(this.#port, this.#shared.settings.host);
  }

  async #close(from: Exclude<Phase, { name: 'closed' }>): Promise<void> {
    this.#closing.abort();
    this.heal();
    if (from.name === 'starting') await from.started.catch(() => {});
    await (from.name === 'up' ? stop(from) : from.stopped);
    await this.#shared.folders.close();
  }
}

/** Synchronous up to the first await: no response is sent after this call. */
async function stop({ instance, server }: { instance: ServerInstance; server: HttpServer }): Promise<void> {
  await Promise.all([instance.stop(), server.close()]);
}
