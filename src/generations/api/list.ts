/** One page of someone's generations, by keyset: the next page costs the same however far down it lies. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { badUserInput } from '../../graphql/errors.js';
import type { Page } from '../../graphql/pagination.js';
import { requireStorable } from '../../graphql/text.js';
import { FROM_GENERATIONS, GENERATION_COLUMNS, type GenerationRow } from '../generation-rows.js';
import { decodeCursor, encodeCursor, positionOf } from './cursor.js';
import type { GenerationFilter, GenerationOrder } from './list-inputs.js';

export type Listing = { userId: string; page: Page; filter: GenerationFilter; order: GenerationOrder };

export type GenerationPage = {
  edges: { cursor: string; node: GenerationRow }[];
  /** Whether there is more in the direction in which the page was read. */
  hasMore: boolean;
};

/** The two arguments that hold a cursor: the page lies behind `after` and before `before`. */
export type CursorArgument = 'after' | 'before';

/** A condition of SQL, with the values for its question marks. */
type Condition = [sql: string, ...values: unknown[]];

/** Infinity stands for "not yet": the unfinished come first when the newest do. Each has an index. */
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

/** Whether the list goes on on the other side of a cursor, its own place included. False without one. */
export async function isBeyond(em: SqlEntityManager, listing: Listing, argument: CursorArgument): Promise<boolean> {
  const beyond = outside(listing, argument);
  if (beyond.length === 0) return false;
  const [where, values] = all([...filtered(listing), ...beyond]);
  const [row] = await em.execute(`select exists (select from generations g where ${where}) as found`, values);
  return row?.found as boolean;
}

export async function countGenerations(em: SqlEntityManager, listing: Listing): Promise<number> {
  const [where, values] = all(filtered(listing));
  const [row] = await em.execute(`select count(*)::int as total from generations g where ${where}`, values);
  return row?.total as number;
}

const all = (conditions: Condition[]): [where: string, values: unknown[]] => [
  conditions.map(([sql]) => sql).join(' and '),
  conditions.flatMap(([, ...values]) => values),
];

/** Descending, what is behind a cursor is smaller than it. */
const isSmaller = (argument: CursorArgument, { direction }: GenerationOrder): boolean =>
  (argument === 'after') === (direction === 'DESC');

const inside = (listing: Listing, argument: CursorArgument): Condition[] =>
  compared(listing, argument, isSmaller(argument, listing.order) ? '<' : '>');

const outside = (listing: Listing, argument: CursorArgument): Condition[] =>
  compared(listing, argument, isSmaller(argument, listing.order) ? '>=' : '<=');

/** @throws BAD_USER_INPUT for what is no cursor of this order */
function compared({ page, order }: Listing, argument: CursorArgument, operator: string): Condition[] {
  const cursor = page[argument];
  if (cursor === null) return [];
  const { at, id } = decodeCursor(cursor, argument, order);
  return [[`(${KEYS[order.field]}, g.id) ${operator} (?::timestamptz, ?::uuid)`, at, id]];
}

function filtered({ userId, filter }: Listing): Condition[] {
  const conditions: Condition[] = [['g.user_id = ?', userId], ['g.deleted_at is null']];
  if (filter.status != null) conditions.push(['g.status = any(?::text[])', `{${filter.status.join(',')}}`]);
  if (filter.workflow != null) conditions.push(['g.workflow_name = ?', storable(filter.workflow, 'workflow')]);
  if (filter.model != null) {
    const name = storable(filter.model, 'model');
    conditions.push(['g.model_id in (select id from models where name = ? or filename = ?)', name, name]);
  }
  if (filter.search != null && filter.search !== '') {
    const part = storable(filter.search, 'search');
    if ([...part].length > MAX_SEARCH_LENGTH)
      throw badUserInput(`search has up to ${MAX_SEARCH_LENGTH} characters`, 'search');
    // Folded by the migration "search": however letters are composed and cased.
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

/** PostgreSQL knows no year 0, and JavaScript writes the years after 9999 in a way of its own: an offset from UTC can lead to both. */
function instant(date: Date): string {
  const year = date.getUTCFullYear();
  if (year < 1) return '-infinity';
  return year > 9999 ? 'infinity' : date.toISOString();
}
