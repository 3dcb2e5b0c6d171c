/** Counts generations by the day of their creation too, and records between which times those of a day completed: dates are then as fast as other filters. */
import { Migration } from '@mikro-orm/migrations';

export class ListingDays extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS = [
  // Nothing is counted while the counts are made anew.
  `lock table generations in share row exclusive mode`,
  // Days are in UTC; infinity stands for all of them. Unfinished generations complete at infinity.
  `truncate generation_counts`,
  `drop index generation_counts_key`,
  `alter table generation_counts add column day date not null,
     add column first_completed timestamptz null, add column last_completed timestamptz null`,
  `create unique index generation_counts_key on generation_counts
     (user_id, day, status, workflow_name, coalesce(model_id, '00000000-0000-0000-0000-000000000000'))`,
  `insert into generation_counts
   select user_id, status, model_id, workflow_name, count(*), coalesce((created_at at time zone 'UTC')::date, 'infinity'),
     min(coalesce(completed_at, 'infinity')), max(coalesce(completed_at, 'infinity'))
   from generations where deleted_at is null
   group by user_id, status, model_id, workflow_name, rollup ((created_at at time zone 'UTC')::date)`,
  // The others are counted above; these still name prompts that search_texts lacks.
  `delete from generation_deltas where generation_id is null`,
  `update generation_deltas set number = 0`,
  `alter table generation_deltas add column day date null, add column completed_at timestamptz null`,
  `create or replace function generations_count() returns trigger language plpgsql as $$
   begin
     if tg_op <> 'INSERT' and old.deleted_at is null then
       insert into generation_deltas values (old.user_id, old.status, old.model_id, old.workflow_name, -1, null,
         (old.created_at at time zone 'UTC')::date, null);
     end if;
     if tg_op <> 'DELETE' and new.deleted_at is null then
       insert into generation_deltas values (new.user_id, new.status, new.model_id, new.workflow_name, 1,
         case tg_op when 'INSERT' then new.id end,
         (new.created_at at time zone 'UTC')::date, coalesce(new.completed_at, 'infinity'));
     end if;
     return null;
   end $$`,
  `drop trigger generations_recount on generations`,
  `create trigger generations_recount
   after update of user_id, status, model_id, workflow_name, deleted_at, created_at, completed_at on generations
   for each row when (
     (old.user_id, old.status, old.model_id, old.workflow_name, old.deleted_at is null, old.created_at, old.completed_at) is distinct from
     (new.user_id, new.status, new.model_id, new.workflow_name, new.deleted_at is null, new.created_at, new.completed_at))
   execute function generations_count()`,
];
