/** Gives the next job to the backend that is best for it, and takes jobs from backends that are away. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Backends } from '../backends/backends.js';
import type { Needs } from '../backends/needs.js';
import type { Timings } from '../process/timings.js';
import { claim, type Place, type RunningLimits, readPlaces } from './claims.js';
import { abandon, type Job, readAway } from './leases.js';
import type { Replica } from './replica.js';
import { Routes } from './routes.js';

/** How many jobs a backend has in its own queue: one that runs, and one so that it need not wait for us. */
const DEPTH = 2;

export type DispatcherParts = {
  orm: MikroORM;
  replica: Replica;
  backends: Backends;
  limits: RunningLimits;
  timings: Timings;
};

export class Dispatcher {
  readonly #routes = new Routes();

  constructor(private readonly parts: DispatcherParts) {}

  /** Claims one job; undefined where none waits that a free place could take. */
  async next(): Promise<Job | undefined> {
    const { orm, backends, replica, limits, timings } = this.parts;
    const em = orm.em.fork();
    const waiting = await this.#routes.waiting(em);
    if (waiting.size === 0) return undefined;
    const claimable = backends.claimable().map(({ id }) => id);
    for (const { backendId } of inOrder(await readPlaces(em, claimable, DEPTH), waiting)) {
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

  /** Lets jobs whose backend has been away for long go elsewhere, if there is one that can take them. Answers which. */
  async moveAway(): Promise<{ id: string; userId: string }[]> {
    const { orm, backends, timings } = this.parts;
    const em = orm.em.fork();
    const away = await readAway(em, backends.ids(), timings.awayTimeoutMs);
    if (away.length === 0) return [];
    const online = backends.online().filter(({ isDraining }) => !isDraining);
    const needs = await this.#routes.needs(
      em,
      away.map(({ route }) => route ?? ''),
    );
    const movable = away.filter(({ isForgotten }, nth) => {
      const its = needs[nth];
      return isForgotten || (its !== undefined && online.some(({ id }) => backends.serves(id, its)));
    });
    return movable.length === 0
      ? []
      : await abandon(
          em,
          movable.map(({ promptId }) => promptId),
          timings.awayTimeoutMs,
        );
  }
}

/** A probe first, since it is rare; then the least busy; of those that are equally so, one that has what is waited for in memory. */
const inOrder = (places: readonly Place[], waiting: ReadonlyMap<string, Needs>): Place[] => {
  const isCold = ({ route }: Place) => Number(route === null || !waiting.has(route));
  return places.toSorted((a, b) => Number(b.isProbe) - Number(a.isProbe) || a.load - b.load || isCold(a) - isCold(b));
};
