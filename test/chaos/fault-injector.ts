/** Injects one fault of each kind. Each method returns whether the fault took effect. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from '../../src/simulator/index.js';
import type { Backend } from './backend.js';
import { type Cluster, waitForSome, withBackend } from './cluster.js';
import type { FaultCounts } from './fault-counts.js';
import { POINTS } from './points.js';
import type { Random } from './random.js';
import type { SupervisedProcess } from './supervised-process.js';

/** How long a fault waits for its point. */
const POINT_TIMEOUT_MS = 6_000;
/** A lease lasts 12 s: a server that is frozen for longer has lost its jobs. */
const FREEZE_MS = { least: 13_000, most: 17_000 };
const LONGEST_STEP_MS = 3_600_000;
const SHORTEST_STEP_MS = 60_000;

export class FaultInjector {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #counts: FaultCounts;
  /** Each kind has its own index into POINTS, so that it uses every point. */
  #killPoint = 0;
  #restartPoint = 0;

  constructor(cluster: Cluster, random: Random, counts: FaultCounts) {
    this.#cluster = cluster;
    this.#random = random;
    this.#counts = counts;
  }

  /** kill -9 when a backend reaches a point: mostly of one server, whichever owns the prompt; otherwise of all. */
  killAtPoint(): Promise<boolean> {
    return withBackend(this.#cluster, this.#random, (backend) => this.#killAtPoint(backend));
  }

  async #killAtPoint(backend: Backend): Promise<boolean> {
    const point = pointOf(this.#killPoint);
    const row = `kill -9 of a server at ${point}`;
    const all = this.#random.chance(0.3);
    const choice = this.#random.next();
    const living = await this.#living();
    const victims = all ? living : [living[Math.floor(choice * living.length)] as SupervisedProcess];
    const lives = victims.map(({ process }) => process);
    const touched = await this.#counts.unfinished();
    for (const { pid } of lives) await backend.at(point, { do: 'kill', pid });
    await this.#provoke(backend, point);
    const dead = new Set<number>();
    const deaths = lives.map(({ ended, pid }) => ended.then(() => void dead.add(pid)));
    await Promise.race([Promise.all(deaths), sleep(POINT_TIMEOUT_MS)]);
    // Removes faults for pids that still run or may be reused.
    await backend.heal();
    if (dead.size === 0) {
      this.#counts.recordMiss(row);
      return false;
    }
    this.#killPoint += 1;
    this.#counts.record(row, touched, dead.size);
    return true;
  }

  /** kill -9 of a server at any moment, including its start. */
  async killServer(): Promise<boolean> {
    const victim = this.#random.pick(this.#cluster.replicas.filter(({ isFrozen }) => !isFrozen));
    const { process } = victim;
    const touched = await this.#counts.unfinished();
    process.kill('SIGKILL');
    await process.ended;
    this.#counts.record('kill -9 of a server at any moment', touched);
    return true;
  }

  /** A killed backend loses its queue and history, and keeps its files. */
  async killBackend(): Promise<boolean> {
    const touched = await this.#counts.unfinished();
    await withBackend(this.#cluster, this.#random, async ({ process }) => {
      process.kill('SIGKILL');
      await process.ended;
    });
    this.#counts.record('kill -9 of a backend at any moment', touched);
    return true;
  }

  restartBackendAtPoint(): Promise<boolean> {
    return withBackend(this.#cluster, this.#random, (backend) => this.#restartAtPoint(backend));
  }

  async #restartAtPoint(backend: Backend): Promise<boolean> {
    const point = pointOf(this.#restartPoint);
    const row = `restart of a backend at ${point}`;
    const downMs = this.#random.between(0, 1_500);
    const touched = await this.#counts.unfinished();
    const { end } = backend;
    await backend.at(point, { do: 'restart', downMs });
    await this.#provoke(backend, point);
    const isDown = () => backend.since(end).some(({ event }) => event === 'down');
    for (let waited = 0; waited < POINT_TIMEOUT_MS && !isDown(); waited += 50) await sleep(50);
    await backend.heal();
    if (!isDown()) {
      this.#counts.recordMiss(row);
      return false;
    }
    this.#restartPoint += 1;
    this.#counts.record(row, touched);
    return true;
  }

  async terminateServer(): Promise<boolean> {
    const choice = this.#random.next();
    const living = await this.#living();
    const victim = living[Math.floor(choice * living.length)] as SupervisedProcess;
    const touched = await this.#counts.unfinished();
    await victim.terminate();
    this.#counts.record('SIGTERM of a server', touched);
    return true;
  }

  /** Freezes a server for longer than its leases, then resumes it. */
  async freezeServer(random: Random): Promise<void> {
    const ms = random.between(FREEZE_MS.least, FREEZE_MS.most);
    const choice = random.next();
    const living = await this.#living();
    const victim = living[Math.floor(choice * living.length)] as SupervisedProcess;
    const touched = await this.#counts.unfinished();
    await victim.freeze(ms);
    this.#counts.record('freeze of a server', touched, 1, false);
  }

  /** Steps a clock and later steps it back: of one server, of PostgreSQL, or of all, as on one machine. */
  async stepClock(random: Random, pause: number): Promise<void> {
    const { clocks, replicas } = this.#cluster;
    const whose = random.pick(['a server', 'PostgreSQL', 'all']);
    const direction = random.pick(['back', 'forward']);
    const offMs = random.between(SHORTEST_STEP_MS, LONGEST_STEP_MS) * (direction === 'back' ? -1 : 1);
    const ms = random.between(pause, 4 * pause);
    const one = random.pick(replicas);
    const set = async (by: number) => {
      const servers = whose === 'a server' ? [one] : whose === 'all' ? replicas : [];
      for (const { name } of servers) clocks.setServerClock(name, by);
      if (whose !== 'a server') await clocks.setDatabaseClock(by);
    };
    const touched = await this.#counts.unfinished();
    await set(offMs);
    await sleep(ms);
    await set(0);
    this.#counts.record(`clock step ${direction} and return: ${whose}`, touched, 1, false);
  }

  /** Makes servers reconnect, because they rarely do so by themselves. */
  async #provoke(backend: Backend, point: Point): Promise<void> {
    if (point === 'connect') await backend.control('drop-sockets');
  }

  /** Waits for at least one available server. */
  async #living(): Promise<SupervisedProcess[]> {
    return await waitForSome(() => this.#cluster.replicas.filter(({ isAvailable }) => isAvailable));
  }
}

const pointOf = (turn: number): Point => POINTS[turn % POINTS.length] as Point;
