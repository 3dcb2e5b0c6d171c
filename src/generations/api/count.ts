/** Counts the generations of a list. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { all, conditionsOf } from './conditions.js';
import type { Listing } from './positions.js';

export async function countGenerations(em: SqlEntityManager, { userId, filter }: Listing): Promise<number> {
  const [where, values] = all(conditionsOf(userId, filter));
  const [row] = await em.execute<{ total: number }[]>(
    `select count(*)::int as total from generations g where ${where}`,
    values,
  );
  return row?.total ?? 0;
}
