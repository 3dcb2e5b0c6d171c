/** What the waiting jobs need, so that each is given to a backend that has it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Needs } from '../backends/needs.js';

export class Routes {
  /** A route is a digest of its needs: what it stands for never changes. */
  readonly #needs = new Map<string, Needs>();

  /** The routes of all that wait, with what each needs. */
  async waiting(em: SqlEntityManager): Promise<ReadonlyMap<string, Needs>> {
    // From one route to the next along the index: the number of jobs does not matter.
    const rows = await em.execute<{ route: string }[]>(
      `with recursive w as (
         (select route from generations where waiting order by route limit 1)
         union all
         select (select g.route from generations g where g.waiting and g.route > w.route order by g.route limit 1)
         from w where w.route is not null)
       select route from w where route is not null`,
    );
    const routes = rows.map(({ route }) => route);
    const needs = await this.needs(em, routes);
    return new Map(routes.flatMap((route, nth) => (needs[nth] ? [[route, needs[nth]]] : [])));
  }

  /** What each of these needs. */
  async needs(em: SqlEntityManager, routes: readonly string[]): Promise<(Needs | undefined)[]> {
    const unknown = routes.filter((route) => !this.#needs.has(route));
    if (unknown.length > 0) {
      const rows = await em.execute<{ id: string; needs: Needs }[]>(
        `select id, needs from routes where id = any(?::text[])`,
        [`{${unknown.join(',')}}`],
      );
      for (const { id, needs } of rows) this.#needs.set(id, needs);
    }
    return routes.map((route) => this.#needs.get(route));
  }
}

/** What a generation needs of a backend; undefined where nobody has found out yet. */
export async function readNeeds(em: SqlEntityManager, generationId: string): Promise<Needs | undefined> {
  const [row] = await em.execute<{ needs: Needs }[]>(
    'select needs from routes join generations g on g.route = routes.id where g.id = ?',
    [generationId],
  );
  return row?.needs;
}

/** Once for all that need the same. */
export const saveRoute = async (em: SqlEntityManager, route: string, needs: Needs): Promise<void> => {
  await em.execute('insert into routes (id, needs) values (?, ?) on conflict do nothing', [
    route,
    JSON.stringify(needs),
  ]);
};
