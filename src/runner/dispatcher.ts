/** Gives the next job to the best backend for it, and moves jobs from offline backends. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Backends } from '../backends/backends.js';
import type { ClockWatch } from '../db/clock-watch.js';
import type { SqlRunner } from '../db/reads.js';
import type { Timings } from '../process/timings.js';
import { claim, type RunningLimits, readOpenings, type Slot } from './claims.js';
import { abandon, type Job, readStranded } from './leases.js';
import type { Replica } from './replica.js';
import { Routes } from './routes.js';

/**
 * Slots of a backend: one prompt runs, and one waits in ComfyUI's own queue, so that ComfyUI never waits for us. Quick prompts end before
 * the next one is there: of these more wait, and nobody waits noticeably longer for that.
 */
const DEPTH = { any: 2, quick: 8 };

type DispatcherParts = {
  orm: MikroORM;
  /** Runs the statements of each claim. */
  statements: SqlRunner;
  replica: Replica;
  clock: ClockWatch;
  backends: Backends;
  limits: RunningLimits;
  timings: Timings;
};

export class Dispatcher {
  readonly #routes = new Routes();

  constructor(private readonly parts: DispatcherParts) {}

  /** Claims jobs for the slots that are free now, one after the other: each goes to the backend with the least load at that time. */
  async *claims(): AsyncGenerator<Job, void> {
    const { orm, statements, backends, replica, limits, timings } = this.parts;
    const claimable = backends.claimable().map(({ id }) => id);
    const { routes: waited, slots, ...openings } = await readOpenings(statements, claimable, DEPTH);
    const needs = await this.#routes.needs(orm.em.fork(), waited);
    const isServed = (backendId: string, nth: number): boolean => {
      const need = needs[nth];
      return need !== undefined && backends.serves(backendId, need);
    };
    let { waiting } = openings;
    for (let open = slots; waiting > 0; ) {
      const [slot, ...others] = inOrder(open, waited);
      if (!slot) return;
      const { backendId } = slot;
      const routes = waited.filter((_, nth) => isServed(backendId, nth));
      const { leaseMs } = timings;
      const options = { depth: DEPTH, limits, promptId: randomUUID(), holder: replica.number, leaseMs, timings };
      const job = routes.length > 0 ? await claim(statements, { ...options, backendId, routes }) : undefined;
      if (job) {
        waiting -= 1;
        yield job;
      }
      const left = { ...slot, free: slot.free - 1, load: slot.load + 1, route: job?.route ?? null };
      open = job && left.free > 0 ? [left, ...others] : others;
    }
  }

  /** Requeues jobs whose backend has been offline for too long, if another one can run them. Returns the requeued generations. */
  async moveStranded(): Promise<{ id: string; userId: string }[]> {
    const { orm, clock, backends, timings } = this.parts;
    const em = orm.em.fork();
    const stranded = await readStranded(em, backends.ids(), timings.failoverTimeoutMs);
    if (stranded.length === 0) return [];
    const online = backends.online().filter(({ isDraining }) => !isDraining);
    const needs = await this.#routes.needs(
      em,
      stranded.map(({ route }) => route ?? ''),
    );
    const movable = stranded.filter(({ isBackendRemoved }, nth) => {
      const need = needs[nth];
      return isBackendRemoved || (need !== undefined && online.some(({ id }) => backends.serves(id, need)));
    });
    if (movable.length === 0) return [];
    // A step of the clock is no time offline: `abandon` compares the times again.
    await clock.check();
    return await abandon(
      em,
      movable.map(({ promptId }) => promptId),
      timings.failoverTimeoutMs,
    );
  }
}

/** Probes first, since they are rare; then the lowest load; with equal load, backends that have a needed model loaded. */
const inOrder = (slots: readonly Slot[], waiting: readonly string[]): Slot[] => {
  const isCold = ({ route }: Slot) => Number(route === null || !waiting.includes(route));
  return slots.toSorted((a, b) => Number(b.isProbe) - Number(a.isProbe) || a.load - b.load || isCold(a) - isCold(b));
};
