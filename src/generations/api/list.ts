/** Pages of a user's generations, by keyset pagination: each page costs the same at any depth. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { FROM_GENERATIONS, GENERATION_COLUMNS, type GenerationRow } from '../generation-rows.js';
import { encodeCursor, positionOf } from './cursor.js';
import { type CursorArgument, directionOf, type Listing, selectBeyond, selectPage } from './positions.js';

export type GenerationPage = {
  edges: { cursor: string; node: GenerationRow }[];
  /** Whether more rows follow in the direction of the read. */
  hasMore: boolean;
};

export async function listGenerations(em: SqlEntityManager, listing: Listing): Promise<GenerationPage> {
  const { page, order } = listing;
  const direction = directionOf(listing);
  const positions = selectPage(listing);
  const rows = await em.execute<(GenerationRow & { orderedAt: string })[]>(
    `select ${GENERATION_COLUMNS}, page.at::text as "orderedAt" ${FROM_GENERATIONS}
     join (${positions.text}) page on page.id = g.id order by page.at ${direction}, g.id ${direction}`,
    [...positions.values],
  );
  const shown = rows.slice(0, page.size);
  if (page.backward) shown.reverse();
  const cursorOf = ({ orderedAt, id }: { orderedAt: string; id: string }) =>
    encodeCursor(positionOf(orderedAt, id), order);
  return { edges: shown.map((node) => ({ cursor: cursorOf(node), node })), hasMore: rows.length > page.size };
}

/** Whether the list continues on the other side of a cursor, the cursor's own position included. False without a cursor. */
export async function isBeyond(em: SqlEntityManager, listing: Listing, argument: CursorArgument): Promise<boolean> {
  const beyond = selectBeyond(listing, argument);
  return beyond !== undefined && (await em.execute(beyond.text, [...beyond.values])).length > 0;
}
