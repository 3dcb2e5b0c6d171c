/** The filter of a list as SQL conditions. */
import { type Sql, sql } from '../../db/sql.js';
import { sqlArray } from '../../db/sql-array.js';
import { badUserInput } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { GenerationFilter } from './list-inputs.js';

const MAX_SEARCH_LENGTH = 200;

export type Conditions = {
  /** On `status`, `model_id` and `workflow_name`, of generations or of their counts. */
  facets: Sql[];
  /** On `created_at`. */
  dates: Sql[];
  /** Part of the prompt, as the user wrote it; null for any prompt. */
  part: string | null;
};

/** @throws BAD_USER_INPUT for a text that PostgreSQL cannot store, and for a search that is too long */
export const conditionsOf = (filter: GenerationFilter): Conditions => ({
  facets: facetsOf(filter),
  dates: datesOf(filter),
  part: partOf(filter),
});

function facetsOf({ status, workflow, model }: GenerationFilter): Sql[] {
  const conditions: Sql[] = [];
  if (status != null) conditions.push(sql`status = any(${sqlArray(status)}::text[])`);
  if (workflow != null) conditions.push(sql`workflow_name = ${storable(workflow, 'workflow')}`);
  if (model != null) {
    const name = storable(model, 'model');
    conditions.push(sql`model_id in (select m.id from models m where m.name = ${name} or m.filename = ${name})`);
  }
  return conditions;
}

function datesOf({ createdAfter, createdBefore }: GenerationFilter): Sql[] {
  const conditions: Sql[] = [];
  if (createdAfter != null) conditions.push(sql`created_at > ${instant(createdAfter)}::timestamptz`);
  if (createdBefore != null) conditions.push(sql`created_at < ${instant(createdBefore)}::timestamptz`);
  return conditions;
}

function partOf({ search }: GenerationFilter): string | null {
  if (search == null || search === '') return null;
  const part = storable(search, 'search');
  if ([...part].length > MAX_SEARCH_LENGTH)
    throw badUserInput(`search exceeds the limit of ${MAX_SEARCH_LENGTH} characters`, 'search');
  return part;
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
