/** One page of someone's generations, by keyset: the next page costs the same however far down it lies. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Page } from '../graphql/connection.js';
import { badUserInput } from '../graphql/errors.js';
import { requireStorable } from '../graphql/text.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { GenerationFilter, GenerationOrder } from './list-inputs.js';
import { FROM_GENERATIONS, GENERATION_COLUMNS, type GenerationRow } from './read.js';

export type Listing = { userId: string; page: Page; filter: GenerationFilter; order: GenerationOrder };

export type GenerationPage = {
  edges: { cursor: string; node: GenerationRow }[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
};

/** Infinity stands for "not yet": the unfinished come first when the newest do. Each has an index. */
const KEYS = { CREATED_AT: 'g.created_at', COMPLETED_AT: "coalesce(g.completed_at, 'infinity')" } as const;
const MAX_SEARCH_LENGTH = 200;

export async function listGenerations(em: SqlEntityManager, listing: Listing): Promise<GenerationPage> {
  const { page, order } = listing;
  const key = KEYS[order.field];
  const isDescending = (order.direction === 'DESC') !== page.backward;
  const { where, values } = conditions(listing);
  const [behind, ahead] = page.backward ? [page.before, page.after] : [page.after, page.before];
  for (const [cursor, isStart] of [
    [behind, true],
    [ahead, false],
  ] as const) {
    if (cursor === null) continue;
    const { at, id } = decodeCursor(cursor, order);
    where.push(`(${key}, g.id) ${isStart === isDescending ? '<' : '>'} (?::timestamptz, ?::uuid)`);
    values.push(at, id);
  }
  const direction = isDescending ? 'desc' : 'asc';
  const rows = await em.execute<(GenerationRow & { orderedAt: string })[]>(
    `select ${GENERATION_COLUMNS}, ${key}::text as "orderedAt" ${FROM_GENERATIONS}
     where ${where.join(' and ')} order by ${key} ${direction}, g.id ${direction} limit ?`,
    [...values, page.size + 1],
  );
  const hasMore = rows.length > page.size;
  const shown = rows.slice(0, page.size);
  if (page.backward) shown.reverse();
  return {
    edges: shown.map((node) => ({ cursor: encodeCursor({ at: node.orderedAt, id: node.id }, order), node })),
    hasNextPage: page.backward ? page.before !== null : hasMore,
    hasPreviousPage: page.backward ? hasMore : page.after !== null,
  };
}

export async function countGenerations(em: SqlEntityManager, listing: Listing): Promise<number> {
  const { where, values } = conditions(listing);
  const [row] = await em.execute(
    `select count(*)::int as total from generations g where ${where.join(' and ')}`,
    values,
  );
  return row?.total as number;
}

function conditions({ userId, filter }: Listing): { where: string[]; values: unknown[] } {
  const where = ['g.user_id = ?', 'g.deleted_at is null'];
  const values: unknown[] = [userId];
  const add = (condition: string, ...given: unknown[]) => {
    where.push(condition);
    values.push(...given);
  };
  if (filter.status != null) add('g.status = any(?::text[])', `{${filter.status.join(',')}}`);
  if (filter.workflow != null) add('g.workflow_name = ?', storable(filter.workflow, 'workflow'));
  if (filter.model != null) {
    const name = storable(filter.model, 'model');
    add('g.model_id in (select id from models where name = ? or filename = ?)', name, name);
  }
  if (filter.search != null && filter.search !== '') {
    const part = storable(filter.search, 'search');
    if ([...part].length > MAX_SEARCH_LENGTH)
      throw badUserInput(`search has up to ${MAX_SEARCH_LENGTH} characters`, 'search');
    add('strpos(lower(g.prompt), lower(?)) > 0', part);
  }
  if (filter.createdAfter != null) add('g.created_at > ?', filter.createdAfter);
  if (filter.createdBefore != null) add('g.created_at < ?', filter.createdBefore);
  return { where, values };
}

function storable(text: string, field: string): string {
  requireStorable(text, field);
  return text;
}
