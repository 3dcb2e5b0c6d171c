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

export class Simulator {
  readonly journal: Journal;
  readonly #faults: Faults;
  readonly #shared: SharedState;
  #port: number;
  #instance: ServerInstance;
  #server: HttpServer;
  /** Resolves when the previous instance has stopped. */
  #stopped: Promise<unknown> = Promise.resolve();
  #isUp = true;
  /** The pending or finished start after `down`. */
  #starting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  readonly #closing = new AbortController();

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
    const nodes = new Map([...builtInNodes(), ...Object.entries(settings.nodes)]);
    this.#shared = { settings, folders, faults: this.#faults, journal: this.journal, nodes };
    this.#port = settings.port;
    [this.#instance, this.#server] = this.#createInstance();
  }

  /** Resolves when it listens. Rejects when the port is in use. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const settings = resolveOptions(options);
    const simulator = new Simulator(settings, await Folders.open(settings.directory));
    try {
      await simulator.#shared.folders.clearTemp();
      simulator.#port = await simulator.#server.listen(settings.port, settings.host);
      simulator.journal.recordServer('up');
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
    return this.#instance.sockets.clientIds;
  }

  /** Adds a fault at a point. Returns a function that removes it. */
  at(point: Point, action: Action | ActionName, options?: FaultOptions): () => void {
    return this.#faults.at(point, action, options);
  }

  /** Removes all faults and resumes frozen sockets and held execution. */
  heal(): void {
    this.#faults.clear();
    this.#instance.sockets.unfreeze();
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
    this.#instance.sockets.disconnectAll();
  }

  /** Sockets stay open and answer pings, but get no messages. Returns a function that ends this. */
  mute(): () => void {
    return this.at('message', 'omit', ALWAYS);
  }

  /** Open sockets stay open and do not even answer pings. Returns a function that ends this. */
  freeze(): () => void {
    this.#instance.sockets.freeze();
    return () => this.#instance.sockets.unfreeze();
  }

  /** Sends any frame, such as garbage or a custom node's message, to one client or to all. */
  say(frame: string | Uint8Array, clientId?: string): void {
    this.#instance.sockets.publishRaw(frame, clientId ?? null);
  }

  /** Deletes one history entry, or all. */
  evict(promptId?: string): void {
    this.#instance.queue.deleteHistory(promptId);
  }

  /**
   * Simulates a killed process: cuts and refuses connections; queue, running prompt, history, counter and cache are lost.
   * Resolves when the instance has stopped.
   */
  async down(): Promise<void> {
    if (this.#isUp) {
      this.#isUp = false;
      this.journal.recordServer('down');
      const starting = this.#starting?.catch(() => {});
      this.#starting = undefined;
      // Before any await: callers rely on no response after `down` was called.
      const server = this.#server;
      this.#stopped = Promise.all([
        this.#instance.stop(),
        starting ? starting.then(() => server.close()) : server.close(),
      ]);
    }
    await this.#stopped;
  }

  /** Starts again at the same address. Output and input files survive, temporary files do not. */
  up(): Promise<void> {
    this.#starting ??= this.#startAgain().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
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
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #createInstance(): [ServerInstance, HttpServer] {
    const instance = new ServerInstance(this.#shared, () => void this.down());
    return [instance, new HttpServer(instance, this)];
  }

  async #startAgain(): Promise<void> {
    await this.#stopped;
    if (this.#isUp) return;
    await this.#shared.folders.clearTemp();
    if (this.#closing.signal.aborted) return;
    [this.#instance, this.#server] = this.#createInstance();
    this.#isUp = true;
    this.journal.recordServer('up');
    await this.#server.listen(this.#port, this.#shared.settings.host);
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.heal();
    await this.#starting?.catch(() => {});
    await this.down();
    await this.#shared.folders.close();
  }
}
