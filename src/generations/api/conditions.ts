/** The filter of a list as SQL conditions. */
import { bitsOf } from '../../assets/media/kind-bits.js';
import { raw, type Sql, sql } from '../../db/sql.js';
import { sqlArray } from '../../db/sql-array.js';
import { badUserInput } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { GenerationFilter } from './list-inputs.js';

const MAX_SEARCH_LENGTH = 200;
const DAY_MS = 86_400_000;

/** A filter by the time of creation: on rows, and on the counts of whole days. */
export type Dates = {
  /** On `created_at`: both bounds. */
  rows: Sql[];
  /** On `day`: the days that the bounds touch. */
  days: Sql[];
  /** On `day`: the days that lie between the bounds as a whole. */
  wholeDays: Sql[];
  /** On `created_at`: the parts of days at both ends, which no whole day contains. One of each pair may be empty. */
  edges: Sql[][];
  /** On a block of the index for searching: it has generations between the bounds. */
  blocks: Sql[];
};

export type Conditions = {
  /** On `status`, `model_id`, `workflow_name` and `output_kinds`, of generations or of their counts. */
  facets: Sql[];
  /** What each generation of these facets has in the index for searching: numbers, or null for nothing in common. */
  entries: Sql[];
  dates: Dates;
  /** Null for both. */
  isFavorite: boolean | null;
  /** Part of the prompt, as the user wrote it; null for any prompt. */
  part: string | null;
};

/** @throws BAD_USER_INPUT for a text that PostgreSQL cannot store, and for a search that is too long */
export const conditionsOf = (filter: GenerationFilter): Conditions => ({
  facets: facetsOf(filter),
  entries: entriesOf(filter),
  dates: datesOf(filter),
  isFavorite: filter.isFavorite ?? null,
  part: partOf(filter),
});

/** The conditions that no facet contains, on `created_at` and `is_favorite` of generations. */
export const beyondFacets = ({ dates, isFavorite }: Conditions): Sql[] => [
  ...dates.rows,
  ...(isFavorite === null ? [] : [isFavorite ? sql`is_favorite` : sql`not is_favorite`]),
];

function facetsOf({ status, workflow, model, outputKind }: GenerationFilter): Sql[] {
  const conditions: Sql[] = [];
  if (status != null) conditions.push(sql`status = any(${sqlArray(status)}::text[])`);
  if (workflow != null) conditions.push(sql`workflow_name = ${storable(workflow, 'workflow')}`);
  if (model != null) {
    const name = storable(model, 'model');
    conditions.push(sql`model_id in (select m.id from models m where m.name = ${name} or m.filename = ${name})`);
  }
  if (outputKind != null) conditions.push(sql`output_kinds & ${bitsOf(outputKind)}::smallint <> 0`);
  return conditions;
}

/** The seeds are those of the migration "search-blocks". No generation has the entry 0. */
function entriesOf({ status, workflow, model, outputKind }: GenerationFilter): Sql[] {
  const entries: Sql[] = [];
  if (status?.length === 1) entries.push(sql`hashtextextended(${status[0]}, 1)`);
  if (outputKind?.length === 1) entries.push(sql`hashtextextended(${bitsOf(outputKind)}::int::text, 4)`);
  if (status?.length === 0 || outputKind?.length === 0) entries.push(raw('0::bigint'));
  if (model != null)
    entries.push(sql`(
      select case count(*) when 0 then 0::bigint when 1 then min(hashtextextended(m.id::text, 2)) end
      from models m where m.name = ${model} or m.filename = ${model})`);
  if (workflow != null) entries.push(sql`hashtextextended(${workflow}, 3)`);
  return entries;
}

function datesOf({ createdAfter: after, createdBefore: before }: GenerationFilter): Dates {
  const rows: Sql[] = [];
  const days: Sql[] = [];
  const wholeDays: Sql[] = [];
  const edges: Sql[][] = [];
  const blocks: Sql[] = [];
  if (after != null) {
    rows.push(sql`created_at > ${instant(after)}::timestamptz`);
    days.push(sql`day >= ${dayOf(after)}::date`);
    wholeDays.push(sql`day > ${dayOf(after)}::date`);
    blocks.push(sql`last_created > ${instant(after)}::timestamptz`);
  }
  if (before != null) {
    rows.push(sql`created_at < ${instant(before)}::timestamptz`);
    days.push(sql`day <= ${dayOf(before)}::date`);
    wholeDays.push(sql`day < ${dayOf(before)}::date`);
    blocks.push(sql`first_created < ${instant(before)}::timestamptz`);
    // Both bounds can lie on one day: the edge after the first ends with it.
    const start = after == null ? startOf(before) : later(startOf(before), endOf(after));
    edges.push([...rows, sql`created_at >= ${instant(start)}::timestamptz`]);
  }
  if (after != null) edges.push([...rows, sql`created_at < ${instant(endOf(after))}::timestamptz`]);
  return { rows, days, wholeDays, edges, blocks };
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

const dayOf = (date: Date): string => instant(startOf(date)).slice(0, 'YYYY-MM-DD'.length);
const startOf = (date: Date): Date => new Date(Math.floor(date.getTime() / DAY_MS) * DAY_MS);
const endOf = (date: Date): Date => new Date(startOf(date).getTime() + DAY_MS);
const later = (one: Date, other: Date): Date => (one > other ? one : other);

/** An offset from UTC can lead to the year 0, which PostgreSQL does not have, and to years after 9999, which JavaScript writes with a sign. */
function instant(date: Date): string {
  const year = date.getUTCFullYear();
  if (year < 1) return '-infinity';
  return year > 9999 ? 'infinity' : date.toISOString();
}
