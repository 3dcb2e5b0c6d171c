/** Records which kinds of output each generation has, and counts and indexes generations by them too: the filter is then as fast as others. */
import { Migration } from '@mikro-orm/migrations';

export class OutputKinds extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS = [
  // Nothing is counted while the counts are made anew.
  `lock table generations in share row exclusive mode`,
  // Rows change faster without the indexes.
  `drop index generations_facet_newest`,
  `drop index generations_facet_completed`,
  `drop function facet(text, uuid, text)`,
  // One bit for each kind: src/assets/media/kind-bits.ts.
  `alter table generations add column output_kinds smallint not null default 0`,
  // Clients that resume a stream of changes need not receive these.
  `alter table generations disable trigger generations_stamp_change`,
  `update generations g set output_kinds = made.kinds
   from (
     select r.generation_id,
       (case when exists (select from images i where i.result_id = r.id) then 1 else 0 end)
       | (case when r.texts <> '[]' then 16 else 0 end)
       | coalesce((
           select bit_or(case f.kind when 'VIDEO' then 2 when 'AUDIO' then 4 when 'MODEL_3D' then 8 when 'TEXT' then 16
             when 'LATENT' then 32 else 64 end)
           from files f where f.result_id = r.id), 0) as kinds
     from results r) made
   where made.generation_id = g.id and made.kinds <> 0`,
  `alter table generations enable trigger generations_stamp_change`,

  `create function facet(status text, model_id uuid, workflow_name text, output_kinds smallint) returns bigint
   language sql immutable parallel safe as $$
     select hashtextextended(
       status || ' ' || coalesce(model_id::text, '') || ' ' || output_kinds::text || ' ' || workflow_name, 0)
   $$`,
  `create index generations_facet_newest on generations
     (user_id, facet(status, model_id, workflow_name, output_kinds), created_at, id) where deleted_at is null`,
  `create index generations_facet_completed on generations
     (user_id, facet(status, model_id, workflow_name, output_kinds), coalesce(completed_at, 'infinity'), id, created_at)
     where deleted_at is null`,

  `truncate generation_counts`,
  `drop index generation_counts_key`,
  `alter table generation_counts add column output_kinds smallint not null`,
  `create unique index generation_counts_key on generation_counts
     (user_id, day, status, workflow_name, output_kinds, coalesce(model_id, '00000000-0000-0000-0000-000000000000'))`,
  `insert into generation_counts
   select user_id, status, model_id, workflow_name, count(*), coalesce((created_at at time zone 'UTC')::date, 'infinity'),
     min(coalesce(completed_at, 'infinity')), max(coalesce(completed_at, 'infinity')), output_kinds
   from generations where deleted_at is null
   group by user_id, status, model_id, workflow_name, output_kinds, rollup ((created_at at time zone 'UTC')::date)`,
  // The others are counted above; these still name prompts that search_texts lacks.
  `delete from generation_deltas where generation_id is null`,
  `update generation_deltas set number = 0`,
  `alter table generation_deltas add column output_kinds smallint not null default 0`,
  `create or replace function generations_count() returns trigger language plpgsql as $$
   begin
     if tg_op <> 'INSERT' and old.deleted_at is null then
       insert into generation_deltas values (old.user_id, old.status, old.model_id, old.workflow_name, -1, null,
         (old.created_at at time zone 'UTC')::date, null, old.output_kinds);
     end if;
     if tg_op <> 'DELETE' and new.deleted_at is null then
       insert into generation_deltas values (new.user_id, new.status, new.model_id, new.workflow_name, 1,
         case tg_op when 'INSERT' then new.id end,
         (new.created_at at time zone 'UTC')::date, coalesce(new.completed_at, 'infinity'), new.output_kinds);
     end if;
     return null;
   end $$`,
  `drop trigger generations_recount on generations`,
  `create trigger generations_recount
   after update of user_id, status, model_id, workflow_name, deleted_at, created_at, completed_at, output_kinds on generations
   for each row when (
     (old.user_id, old.status, old.model_id, old.workflow_name, old.deleted_at is null, old.created_at, old.completed_at,
       old.output_kinds) is distinct from
     (new.user_id, new.status, new.model_id, new.workflow_name, new.deleted_at is null, new.created_at, new.completed_at,
       new.output_kinds))
   execute function generations_count()`,
];
