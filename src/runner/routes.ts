/** Routes: what a generation needs of a backend, stored once for all generations with the same needs. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { JSONColumnType } from 'kysely';
import type { Needs } from '../backends/needs.js';
import { anyOf, query } from '../db/query.js';

declare module '../db/query.js' {
  interface Tables {
    routes: { id: string; needs: JSONColumnType<Needs> };
  }
}

export class Routes {
  /** By route. A route is a digest of its needs, so entries never change. */
  readonly #needs = new Map<string, Needs>();

  /** Returns the needs of each route, in the same order. */
  async needs(em: SqlEntityManager, routes: readonly string[]): Promise<(Needs | undefined)[]> {
    const unknown = routes.filter((route) => !this.#needs.has(route));
    if (unknown.length > 0) {
      const rows = await query(em)
        .selectFrom('routes')
        .select(['id', 'needs'])
        .where('id', '=', anyOf(unknown))
        .execute();
      for (const { id, needs } of rows) this.#needs.set(id, needs);
    }
    return routes.map((route) => this.#needs.get(route));
  }
}

/** Returns what the generation needs of a backend, or undefined while that is unknown. */
export async function readNeeds(em: SqlEntityManager, generationId: string): Promise<Needs | undefined> {
  const row = await query(em)
    .selectFrom('generations as g')
    .innerJoin('routes', 'routes.id', 'g.route')
    .select('routes.needs')
    .where('g.id', '=', generationId)
    .executeTakeFirst();
  return row?.needs;
}

/** SQL that saves routes, unless they are saved already; its parameter is a JSON array of objects with `id` and `needs`. */
export const SAVE_ROUTES = `insert into routes (id, needs) select id, needs from jsonb_to_recordset(?) as r (id text, needs jsonb) order by id
  on conflict do nothing`;

/** Saves the needs of a route, unless they are saved already. */
export const saveRoute = async (em: SqlEntityManager, id: string, needs: Needs): Promise<void> => {
  await em.execute(SAVE_ROUTES, [JSON.stringify([{ id, needs }])]);
};
