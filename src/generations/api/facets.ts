/**
 * A facet is a combination of status, model and workflow. A user has few, and how many generations each has is known without reading any:
 * `generation_counts`, to which a trigger appends `generation_deltas`.
 */
import { all, type Sql, sql } from '../../db/sql.js';

/** Yields `status`, `model_id`, `workflow_name` and `number` of each facet that has generations and meets the conditions. */
export const selectFacets = (userId: string, conditions: Sql[]): Sql => sql`
  select status, model_id, workflow_name, sum(number)::int as number
  from (
    select status, model_id, workflow_name, number from generation_counts where user_id = ${userId} and ${all(conditions)}
    union all
    select status, model_id, workflow_name, number from generation_deltas where user_id = ${userId} and ${all(conditions)}
  ) counted group by status, model_id, workflow_name having sum(number) <> 0`;
