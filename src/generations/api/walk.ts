/** Selects generations in order: their `id` or all of their columns, and the key of the order as `at`. */
import { all, raw, type Sql, sql } from '../../db/sql.js';
import { beyondFacets, type Conditions } from './conditions.js';
import { IS_OF_FACET, selectFacets } from './facets.js';
import { GenerationOrderField } from './list-inputs.js';

export type Direction = 'asc' | 'desc';

/** A condition on the key and the id, and on the keys of a block, of which `first` is the least and `last` the greatest. */
export type Bound = { rows: Sql; blocks: Sql };

export type Walk = {
  /** What to select besides the key: the ids, or, without a filter by facets, whole rows. */
  columns: 'g.id' | 'g.*';
  userId: string;
  conditions: Conditions;
  field: GenerationOrderField;
  direction: Direction;
  /** Between the cursors. */
  bounds: Bound[];
  limit: Sql;
};

/** Infinity stands for unfinished generations, which come first in descending order. Each key has an index. */
const KEYS = { CREATED_AT: 'g.created_at', COMPLETED_AT: "coalesce(g.completed_at, 'infinity')" } as const;

export const keyOf = (field: GenerationOrderField): Sql => raw(KEYS[field]);

/**
 * Reads about as many rows as it yields, whatever the filter leaves: all generations are in order in one index, and those of each facet in
 * another; favorites, which are few, have one of their own. In order of completion, dates of creation are checked between the times at which such generations completed.
 */
export function selectInOrder(walk: Walk): Sql {
  const { userId, conditions, field } = walk;
  const isByCompletion = field === GenerationOrderField.COMPLETED_AT;
  if (conditions.isFavorite) return selectRows(walk, conditions.facets);
  if (conditions.facets.length === 0 && !isByCompletion) return selectRows(walk, []);
  const days = isByCompletion ? conditions.dates.days : [];
  const completed = days.length > 0 ? [sql`${keyOf(field)} between f.first_completed and f.last_completed`] : [];
  return sql`
    select w.id, w.at from (${selectFacets(userId, conditions.facets, days)}) f
    cross join lateral (${selectRows(walk, [IS_OF_FACET, ...completed])}) w ${inOrder('w.at', 'w.id', walk)}`;
}

export const inOrder = (at: string, id: string, { direction, limit }: Walk): Sql =>
  sql`${raw(`order by ${at} ${direction}, ${id} ${direction}`)} limit ${limit}`;

function selectRows(walk: Walk, more: Sql[]): Sql {
  const { columns, userId, conditions, field, bounds } = walk;
  const key = keyOf(field);
  return sql`
    select ${raw(columns)}, ${key} as at from generations g
    where g.user_id = ${userId} and g.deleted_at is null and ${all([...more, ...beyondFacets(conditions), ...bounds.map(({ rows }) => rows)])}
    ${inOrder(KEYS[field], 'g.id', walk)}`;
}
