/**
 * A facet is a combination of status, model, workflow and kinds of output. A user has few, and how many generations each has is known without reading any:
 * `generation_counts`, to which a trigger appends `generation_deltas`.
 */
import { all, type Sql, sql } from '../../db/sql.js';

/** Whether a generation `g` is of a facet `f`: the indexes contain it like this. */
export const IS_OF_FACET = sql`facet(g.status, g.model_id, g.workflow_name, g.output_kinds) = facet(f.status, f.model_id, f.workflow_name, f.output_kinds)`;

/** Days are counted in UTC. The counts have a row for each, and one under infinity for all of them. */
const ALL_DAYS = sql`day = 'infinity'`;
const EACH_DAY = sql`day < 'infinity'`;

/**
 * Yields `status`, `model_id`, `workflow_name`, `output_kinds` and `number` of each facet that has generations and meets the conditions, and between which
 * times these completed: `first_completed` and `last_completed`, infinity for unfinished ones. Deletions do not narrow them.
 * @param days conditions on `day`, the day of creation
 */
export const selectFacets = (userId: string, conditions: Sql[], days: Sql[] = []): Sql => sql`
  select status, model_id, workflow_name, output_kinds, sum(number)::int as number,
    min(first_completed) as first_completed, max(last_completed) as last_completed
  from (
    select status, model_id, workflow_name, output_kinds, number, first_completed, last_completed from generation_counts
    where user_id = ${userId} and ${all([...conditions, ...(days.length > 0 ? [EACH_DAY, ...days] : [ALL_DAYS])])}
    union all
    select status, model_id, workflow_name, output_kinds, number, completed_at, completed_at from generation_deltas
    where user_id = ${userId} and ${all([...conditions, ...days])}
  ) counted group by status, model_id, workflow_name, output_kinds having sum(number) <> 0`;
