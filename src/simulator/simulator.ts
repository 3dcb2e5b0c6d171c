/** A running simulator: its address, its restarts and what a test can do to it. Everything long-lived is made here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Action, type ActionName, type FaultOptions, Faults, type Point } from './faults/faults.js';
import { builtInNodes } from './nodes/index.js';
import { type Settings, type SimulatorOptions, settle } from './options.js';
import { HttpServer } from './server/http-server.js';
import { Folders } from './state/folders.js';
import { Journal } from './state/journal.js';
import { Life, type World } from './state/server-instance.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

export class Simulator {
  readonly journal: Journal;
  readonly #faults: Faults;
  readonly #world: World;
  #port: number;
  #life: Life;
  #server: HttpServer;
  /** The end of the life that ended last. */
  #ended: Promise<unknown> = Promise.resolve();
  #isUp = true;
  /** While it is coming up, and as long as it is up after that. */
  #rising: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  readonly #closing = new AbortController();

  private constructor(settings: Settings, folders: Folders) {
    this.journal = new Journal(settings.journal);
    this.#faults = new Faults({
      restart: (options) => {
        this.restart(options).catch((error: unknown) => settings.logger.error({ error }, 'It did not start again'));
      },
      dropSockets: () => this.dropSockets(),
    });
    const nodes = new Map([...builtInNodes(), ...Object.entries(settings.nodes)]);
    this.#world = { settings, folders, faults: this.#faults, journal: this.journal, nodes };
    this.#port = settings.port;
    [this.#life, this.#server] = this.#begin();
  }

  /** Resolves when it listens. Rejects when the port is taken. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const settings = settle(options);
    const simulator = new Simulator(settings, await Folders.open(settings.directory));
    try {
      await simulator.#world.folders.wipeTemp();
      simulator.#port = await simulator.#server.listen(settings.port, settings.host);
      simulator.journal.turned('up');
      return simulator;
    } catch (error) {
      await simulator.close();
      throw error;
    }
  }

  /** Without a slash at the end. The same over all restarts. */
  get url(): string {
    return `http://${this.#world.settings.host}:${this.#port}`;
  }

  /** Where its files are: `output`, `input` and `temp` in it. */
  get directory(): string {
    return this.#world.folders.base;
  }

  /** The client ids that have a socket. */
  get clientIds(): string[] {
    return this.#life.sockets.ids;
  }

  /** Lets something go wrong at a point; returns the way to take it back. */
  at(point: Point, action: Action | ActionName, options?: FaultOptions): () => void {
    return this.#faults.at(point, action, options);
  }

  /** Takes back all faults and lets go on what is held. */
  heal(): void {
    this.#faults.clear();
    this.#life.sockets.thaw();
  }

  /** Lets execution go no further than the next node or step. */
  hold(): void {
    this.#faults.gate.close();
  }

  release(): void {
    this.#faults.gate.open();
  }

  /** Resolves once something is being held. */
  held(): Promise<void> {
    return this.#faults.gate.someoneWaits();
  }

  /** Lets what is held go on to the next node or step, and no further, so many times. It has to be held. */
  async advance(steps = 1): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.held();
      this.release();
      this.hold();
    }
  }

  /** Cuts the sockets and nothing else. */
  dropSockets(): void {
    this.#life.sockets.drop();
  }

  /** Sockets stay open, are told nothing and answer pings; returns the way back. */
  mute(): () => void {
    return this.at('message', 'omit', ALWAYS);
  }

  /** Sockets stay open and do not even answer pings; returns the way back. For those that there are. */
  freeze(): () => void {
    this.#life.sockets.freeze();
    return () => this.#life.sockets.thaw();
  }

  /** Says something that no prompt is behind, foreign messages or garbage, to one client or to all. */
  say(frame: string | Uint8Array, clientId?: string): void {
    this.#life.sockets.publishRaw(frame, clientId ?? null);
  }

  /** Forgets entries of the history, all of them or one. */
  evict(promptId?: string): void {
    this.#life.queue.forget(promptId);
  }

  /**
   * As if the process was killed: connections are cut and refused from now on; queue, running prompt, history, counter and
   * cache are gone. Resolves when nothing of it runs any more.
   */
  async down(): Promise<void> {
    if (this.#isUp) {
      this.#isUp = false;
      this.journal.turned('down');
      const rising = this.#rising?.catch(() => {});
      this.#rising = undefined;
      // Begun at once, and not after an await: a caller relies on nothing being answered any more.
      const server = this.#server;
      this.#ended = Promise.all([this.#life.end(), rising ? rising.then(() => server.close()) : server.close()]);
    }
    await this.#ended;
  }

  /** Starts it again at the same address. Output and input files are still there, temporary ones are not. */
  up(): Promise<void> {
    this.#rising ??= this.#rise().catch((error: unknown) => {
      this.#rising = undefined;
      throw error;
    });
    return this.#rising;
  }

  /** Down, and up again after `downMs`. */
  async restart({ downMs = 0 }: { downMs?: number } = {}): Promise<void> {
    this.journal.restarts += 1;
    const down = this.down();
    await sleep(downMs, undefined, { signal: this.#closing.signal }).catch(() => {});
    await down;
    await this.up();
  }

  /** Ends it and removes its temporary folder. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #begin(): [Life, HttpServer] {
    const life = new Life(this.#world, () => void this.down());
    return [life, new HttpServer(life, this)];
  }

  async #rise(): Promise<void> {
    await this.#ended;
    if (this.#isUp) return;
    await this.#world.folders.wipeTemp();
    if (this.#closing.signal.aborted) return;
    [this.#life, this.#server] = this.#begin();
    this.#isUp = true;
    this.journal.turned('up');
    await this.#server.listen(this.#port, this.#world.settings.host);
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.heal();
    await this.#rising?.catch(() => {});
    await this.down();
    await this.#world.folders.close();
  }
}
