/** The filter of a list as SQL conditions on `g`, a row of `generations`. */
import { sqlArray } from '../../db/sql-array.js';
import { badUserInput } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { GenerationFilter } from './list-inputs.js';

/** An SQL condition with the values of its placeholders. */
export type Condition = [sql: string, ...values: unknown[]];

const MAX_SEARCH_LENGTH = 200;

/** @throws BAD_USER_INPUT for a text that PostgreSQL cannot store, and for a search that is too long */
export function conditionsOf(userId: string, filter: GenerationFilter): Condition[] {
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

/** Joins conditions by AND. */
export const all = (conditions: Condition[]): [where: string, values: unknown[]] => [
  conditions.map(([sql]) => sql).join(' and '),
  conditions.flatMap(([, ...values]) => values),
];

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
