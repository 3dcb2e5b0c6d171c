/** Which generations a page shows: SQL that yields them in order. What belongs to them is read in `list.ts`. */
import { raw, type Sql, sql } from '../../db/sql.js';
import type { Page } from '../../graphql/pagination.js';
import { conditionsOf } from './conditions.js';
import { decodeCursor } from './cursor.js';
import type { GenerationFilter, GenerationOrder } from './list-inputs.js';
import { selectMatches } from './search.js';
import { type Bound, type Direction, keyOf, selectInOrder, type Walk } from './walk.js';

export type Listing = { userId: string; page: Page; filter: GenerationFilter; order: GenerationOrder };

/** The two cursor arguments: the page lies after `after` and before `before`. */
export type CursorArgument = 'after' | 'before';

/** The direction in which the page is read: from its end when it is backward. */
export const directionOf = ({ page, order }: Listing): Direction =>
  (order.direction === 'DESC') !== page.backward ? 'desc' : 'asc';

/**
 * Yields `id` and `at`, the key of the order, of the rows of the page and of one more, from where the page is read.
 * @param columns `g.*` for whole rows, only of a listing without a filter
 * @throws BAD_USER_INPUT for an invalid filter or cursor
 */
export const selectPage = (listing: Listing, columns: Walk['columns'] = 'g.id'): Sql =>
  select(
    listing,
    [...inside(listing, 'after'), ...inside(listing, 'before')],
    directionOf(listing),
    listing.page.size + 1,
    columns,
  );

/** Yields a row if the list continues on the other side of a cursor, its own position included. Undefined without a cursor. */
export function selectBeyond(listing: Listing, argument: CursorArgument): Sql | undefined {
  const beyond = outside(listing, argument);
  if (beyond.length === 0) return undefined;
  return select(listing, beyond, isSmaller(argument, listing.order) ? 'asc' : 'desc', 1);
}

function select(
  { userId, filter, order }: Listing,
  bounds: Bound[],
  direction: Direction,
  limit: number,
  columns: Walk['columns'] = 'g.id',
): Sql {
  const conditions = conditionsOf(filter);
  const walk = { columns, userId, conditions, field: order.field, direction, bounds, limit: raw(String(limit)) };
  return conditions.part === null ? selectInOrder(walk) : selectMatches(walk, conditions.part);
}

/** In descending order the rows after a cursor are smaller. */
const isSmaller = (argument: CursorArgument, { direction }: GenerationOrder): boolean =>
  (argument === 'after') === (direction === 'DESC');

const inside = (listing: Listing, argument: CursorArgument): Bound[] =>
  compared(listing, argument, isSmaller(argument, listing.order) ? '<' : '>');

const outside = (listing: Listing, argument: CursorArgument): Bound[] =>
  compared(listing, argument, isSmaller(argument, listing.order) ? '>=' : '<=');

const KEY_OF_BLOCKS = { CREATED_AT: 'created', COMPLETED_AT: 'completed' } as const;

/** @throws BAD_USER_INPUT for an invalid cursor, or a cursor of another order */
function compared({ page, order }: Listing, argument: CursorArgument, operator: '<' | '<=' | '>' | '>='): Bound[] {
  const cursor = page[argument];
  if (cursor === null) return [];
  const { at, id } = decodeCursor(cursor, argument, order);
  const [nearest, reaches] = operator.startsWith('<') ? ['first', '<='] : ['last', '>='];
  return [
    {
      rows: sql`(${keyOf(order.field)}, g.id) ${raw(operator)} (${at}::timestamptz, ${id}::uuid)`,
      blocks: sql`${raw(`${nearest}_${KEY_OF_BLOCKS[order.field]} ${reaches}`)} ${at}::timestamptz`,
    },
  ];
}
