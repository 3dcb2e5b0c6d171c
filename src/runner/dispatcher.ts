/** Gives the next job to the best backend for it, and moves jobs from offline backends. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Backends } from '../backends/backends.js';
import type { Needs } from '../backends/needs.js';
import type { Timings } from '../process/timings.js';
import { claim, type RunningLimits, readSlots, type Slot } from './claims.js';
import { abandon, type Job, readStranded } from './leases.js';
import type { Replica } from './replica.js';
import { Routes } from './routes.js';

/** Slots of a backend: one prompt runs, and one waits in ComfyUI's own queue, so that ComfyUI never waits for us. */
const DEPTH = 2;

type DispatcherParts = {
  orm: MikroORM;
  replica: Replica;
  backends: Backends;
  limits: RunningLimits;
  timings: Timings;
};

export class Dispatcher {
  readonly #routes = new Routes();

  constructor(private readonly parts: DispatcherParts) {}

  /** Claims one job. Returns undefined if no free slot can run a waiting job. */
  async next(): Promise<Job | undefined> {
    const { orm, backends, replica, limits, timings } = this.parts;
    const em = orm.em.fork();
    const waiting = await this.#routes.waiting(em);
    if (waiting.size === 0) return undefined;
    const claimable = backends.claimable().map(({ id }) => id);
    for (const { backendId } of inOrder(await readSlots(em, claimable, DEPTH), waiting)) {
      const routes = [...waiting].filter(([, needs]) => backends.serves(backendId, needs)).map(([route]) => route);
      if (routes.length === 0) continue;
      const { leaseMs } = timings;
      const holder = replica.number;
      const promptId = randomUUID();
      const job = await claim(em, { backendId, routes, depth: DEPTH, limits, promptId, holder, leaseMs, timings });
      if (job) return job;
    }
    return undefined;
  }

  /** Requeues jobs whose backend has been offline for too long, if another one can run them. Returns the requeued generations. */
  async moveStranded(): Promise<{ id: string; userId: string }[]> {
    const { orm, backends, timings } = this.parts;
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
    return movable.length === 0
      ? []
      : await abandon(
          em,
          movable.map(({ promptId }) => promptId),
          timings.failoverTimeoutMs,
        );
  }
}

/** Probes first, since they are rare; then the lowest load; with equal load, backends that have a needed model loaded. */
const inOrder = (slots: readonly Slot[], waiting: ReadonlyMap<string, Needs>): Slot[] => {
  const isCold = ({ route }: Slot) => Number(route === null || !waiting.has(route));
  return slots.toSorted((a, b) => Number(b.isProbe) - Number(a.isProbe) || a.load - b.load || isCold(a) - isCold(b));
};
