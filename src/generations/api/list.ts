/** Pages of a user's generations, by keyset pagination: each page costs the same at any depth. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlArray } from '../../db/sql-array.js';
import { badUserInput } from '../../graphql/errors.js';
import type { Page } from '../../graphql/pagination.js';
import { requireStorable } from '../../graphql/text.js';
import { FROM_GENERATIONS, GENERATION_COLUMNS, type GenerationRow } from '../generation-rows.js';
import { decodeCursor, encodeCursor, positionOf } from './cursor.js';
import type { GenerationFilter, GenerationOrder } from './list-inputs.js';

export type Listing = { userId: string; page: Page; filter: GenerationFilter; order: GenerationOrder };

export type GenerationPage = {
  edges: { cursor: string; node: GenerationRow }[];
  /** Whether more rows follow in the direction of the read. */
  hasMore: boolean;
};

/** The two cursor arguments: the page lies after `after` and before `before`. */
export type CursorArgument = 'after' | 'before';

/** An SQL condition with the values of its placeholders. */
type Condition = [sql: string, ...values: unknown[]];

/** Infinity stands for unfinished generations, which come first in descending order. Each key has an index. */
const KEYS = { CREATED_AT: 'g.created_at', COMPLETED_AT: "coalesce(g.completed_at, 'infinity')" } as const;
const MAX_SEARCH_LENGTH = 200;

export async function listGenerations(em: SqlEntityManager, listing: Listing): Promise<GenerationPage> {
  const { page, order } = listing;
  const key = KEYS[order.field];
  const direction = (order.direction === 'DESC') !== page.backward ? 'desc' : 'asc';
  const [where, values] = all([...filtered(listing), ...inside(listing, 'after'), ...inside(listing, 'before')]);
  const rows = await em.execute<(GenerationRow & { orderedAt: string })[]>(
    `select ${GENERATION_COLUMNS}, ${key}::text as "orderedAt" ${FROM_GENERATIONS}
     where ${where} order by ${key} ${direction}, g.id ${direction} limit ?`,
    [...values, page.size + 1],
  );
  const shown = rows.slice(0, page.size);
  if (page.backward) shown.reverse();
  const cursorOf = ({ orderedAt, id }: { orderedAt: string; id: string }) =>
    encodeCursor(positionOf(orderedAt, id), order);
  return { edges: shown.map((node) => ({ cursor: cursorOf(node), node })), hasMore: rows.length > page.size };
}

/** Whether the list continues on the other side of a cursor, the cursor's own position included. False without a cursor. */
export async function isBeyond(em: SqlEntityManager, listing: Listing, argument: CursorArgument): Promise<boolean> {
  const beyond = outside(listing, argument);
  if (beyond.length === 0) return false;
  const [where, values] = all([...filtered(listing), ...beyond]);
  const rows = await em.execute(`select from generations g where ${where} limit 1`, values);
  return rows.length > 0;
}

export async function countGenerations(em: SqlEntityManager, listing: Listing): Promise<number> {
  const [where, values] = all(filtered(listing));
  const [row] = await em.execute<{ total: number }[]>(
    `select count(*)::int as total from generations g where ${where}`,
    values,
  );
  return row?.total ?? 0;
}

const all = (conditions: Condition[]): [where: string, values: unknown[]] => [
  conditions.map(([sql]) => sql).join(' and '),
  conditions.flatMap(([, ...values]) => values),
];

/** In descending order the rows after a cursor are smaller. */
const isSmaller = (argument: CursorArgument, { direction }: GenerationOrder): boolean =>
  (argument === 'after') === (direction === 'DESC');

const inside = (listing: Listing, argument: CursorArgument): Condition[] =>
  compared(listing, argument, isSmaller(argument, listing.order) ? '<' : '>');

const outside = (listing: Listing, argument: CursorArgument): Condition[] =>
  compared(listing, argument, isSmaller(argument, listing.order) ? '>=' : '<=');

/** @throws BAD_USER_INPUT for an invalid cursor, or a cursor of another order */
function compared({ page, order }: Listing, argument: CursorArgument, operator: string): Condition[] {
  const cursor = page[argument];
  if (cursor === null) return [];
  const { at, id } = decodeCursor(cursor, argument, order);
  return [[`(${KEYS[order.field]}, g.id) ${operator} (?::timestamptz, ?::uuid)`, at, id]];
}

function filtered({ userId, filter }: Listing): Condition[] {
  const conditions: Condition[] = [['g.user_id = ?', userId], ['g.deleted_at is null']];
  if (filter.status != null) conditions.push(['g.status = any(?::text[])', sqlArray(filter.status)]);
  if (filter.workflow != null) conditions.push(['g.workflow_name = ?', storable(filter.workflow, 'workflow')]);
  if (filter.model != null) {
    const name = storable(filter.model, 'model');
    conditions.push(['g.model_id in (select id from models where name = ? or filename = ?)', name, name]);
  }
  if (filter.search != null && filter.search !== '') {
    const part = storable(filter.search, 'search');
    if ([...part].length > MAX_SEARCH_LENGTH)
      throw badUserInput(`search exceeds the limit of ${MAX_SEARCH_LENGTH} characters`, 'search');
    // `folded` (migration "search") ignores case and Unicode composition.
    conditions.push(['strpos(folded(g.prompt), folded(?)) > 0', part]);
  }
  if (filter.createdAfter != null) conditions.push(['g.created_at > ?::timestamptz', instant(filter.createdAfter)]);
  if (filter.createdBefore != null) conditions.push(['g.created_at < ?::timestamptz', instant(filter.createdBefore)]);
  return conditions;
}

function storable(text: string, field: string): string {
  requireStorable(text, field);
  return text;
}

/** An offset from UTC can lead to the year 0, which PostgreSQL does not have, and to years after 9999, which JavaScript writes with a sign. */
function instant(date: Date): string {
  const year = date.getUTCFullYear();
  if (year < 1) return '-infinity';
  return year > 9999 ? 'infinity' : date.toISOString();
}
