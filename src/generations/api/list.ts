/** Pages of a user's generations, by keyset pagination: each page costs the same at any depth. */
import type { Reads } from '../../db/reads.js';
import { type GenerationWithParts, type Parts, selectGenerations } from '../generation-rows.js';
import { encodeCursor, positionOf } from './cursor.js';
import { GenerationOrderField } from './list-inputs.js';
import { type CursorArgument, directionOf, type Listing, selectBeyond, selectPage } from './positions.js';

/** `orderedAt` is the value of the order's key, in PostgreSQL's text format. */
export type ListedRow = GenerationWithParts & { orderedAt: string };

export type GenerationPage = {
  rows: ListedRow[];
  /** Whether more rows follow in the direction of the read. */
  hasMore: boolean;
};

/** @param parts what to read with the rows, in the same statement */
export async function listGenerations(reads: Reads, listing: Listing, parts: Parts): Promise<GenerationPage> {
  const { page } = listing;
  const direction = directionOf(listing);
  const isPlain = hasOnePlan(listing);
  const found = selectPage(listing, isPlain ? 'g.*' : 'g.id');
  const from = `(${found.text}) ${isPlain ? 'g' : 'page join generations g on g.id = page.id'}`;
  const statement = `${selectGenerations(from, parts, ', at::text as "orderedAt"')} order by at ${direction}, g.id ${direction}`;
  const execute = isPlain ? reads.execute : reads.executeUnprepared;
  const rows = await execute<ListedRow[]>(statement, [...found.values]);
  const shown = rows.slice(0, page.size);
  if (page.backward) shown.reverse();
  return { rows: shown, hasMore: rows.length > page.size };
}

/** Without a filter, one index gives the page of every user, and the statement joins nothing to it: a join could become a scan. */
const hasOnePlan = ({ filter, order }: Listing): boolean =>
  order.field === GenerationOrderField.CREATED_AT && Object.values(filter).every((value) => value == null);

export const cursorOf = ({ orderedAt, id }: ListedRow, { order }: Listing): string =>
  encodeCursor(positionOf(orderedAt, id), order);

/** Whether the list continues on the other side of a cursor, the cursor's own position included. False without a cursor. */
export async function isBeyond(reads: Reads, listing: Listing, argument: CursorArgument): Promise<boolean> {
  const beyond = selectBeyond(listing, argument);
  return beyond !== undefined && (await reads.executeUnprepared(beyond.text, [...beyond.values])).length > 0;
}
