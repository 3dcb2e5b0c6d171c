/** What keeps lists fast at a million generations of one user: counts, indexes of each filter, and an index of the parts of prompts. */
import { Migration } from '@mikro-orm/migrations';

export class Listing extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS = [
  // The filters by status, model and workflow in one number, so that one index serves them all.
  `create function facet(status text, model_id uuid, workflow_name text) returns bigint
   language sql immutable parallel safe as $$
     select hashtextextended(status || ' ' || coalesce(model_id::text, '') || ' ' || workflow_name, 0)
   $$`,
  `create index generations_facet_newest on generations (user_id, facet(status, model_id, workflow_name), created_at, id)
     where deleted_at is null`,
  `drop index generations_completed`,
  // created_at comes last, so that a filter by date reads no rows.
  `create index generations_facet_completed on generations
     (user_id, facet(status, model_id, workflow_name), coalesce(completed_at, 'infinity'), id, created_at)
     where deleted_at is null`,

  `create table generation_counts (user_id uuid not null, status text not null, model_id uuid null, workflow_name text not null,
     number bigint not null)`,
  `create unique index generation_counts_key on generation_counts
     (user_id, status, workflow_name, coalesce(model_id, '00000000-0000-0000-0000-000000000000'))`,
  // Appended by a trigger and folded in by the cleaner: counting in place would let the generations of a user wait for each other.
  // generation_id names a generation whose prompt is not yet in search_texts.
  `create table generation_deltas (user_id uuid not null, status text not null, model_id uuid null, workflow_name text not null,
     number int not null, generation_id uuid null)`,
  `create index generation_deltas_user on generation_deltas (user_id)`,
  `create function generations_count() returns trigger language plpgsql as $$
   begin
     if tg_op <> 'INSERT' and old.deleted_at is null then
       insert into generation_deltas values (old.user_id, old.status, old.model_id, old.workflow_name, -1, null);
     end if;
     if tg_op <> 'DELETE' and new.deleted_at is null then
       insert into generation_deltas values (new.user_id, new.status, new.model_id, new.workflow_name, 1,
         case tg_op when 'INSERT' then new.id end);
     end if;
     return null;
   end $$`,
  `create trigger generations_count after insert or delete on generations
   for each row execute function generations_count()`,
  `create trigger generations_recount after update of user_id, status, model_id, workflow_name, deleted_at on generations
   for each row when ((old.user_id, old.status, old.model_id, old.workflow_name, old.deleted_at is null)
     is distinct from (new.user_id, new.status, new.model_id, new.workflow_name, new.deleted_at is null))
   execute function generations_count()`,
  `insert into generation_counts
   select user_id, status, model_id, workflow_name, count(*) from generations where deleted_at is null group by 1, 2, 3, 4`,

  // Prompts do not change. A table of its own spares the index the many updates of a generation.
  `create table search_texts (generation_id uuid primary key references generations (id) on delete cascade, user_id uuid not null,
     folded text not null)`,
  // Parts of up to three characters: scripts without spaces have words of one. The owner in the hash keeps users out of each other's way.
  // Parallel unsafe: starting workers would cost a search more than the search itself.
  `create function grams(owner uuid, value text, shortest int) returns bigint[] language sql immutable strict parallel unsafe as $$
     with letters as (
       select string_to_array(value, null) as first, string_to_array(substr(value, 2), null) as second,
         string_to_array(substr(value, 3), null) as third),
     parts as (
       select a as part from letters, unnest(first) a where shortest <= 1
       union all
       select a || b from letters, unnest(first, second) as pairs (a, b) where shortest <= 2
       union all
       select a || b || c from letters, unnest(first, second, third) as triples (a, b, c))
     select array(
       select hashtextextended(part, uuid_hash_extended(owner, 0)) from parts where part is not null)
   $$`,
  `create index search_texts_grams on search_texts using gin (grams(user_id, folded, 1))`,
  // Statistics of parts would be costly to collect and tell nothing about one user.
  `alter index search_texts_grams alter column 1 set statistics 0`,
  // The cleaner fills search_texts: it would take too long here.
  `insert into generation_deltas
   select user_id, status, model_id, workflow_name, 0, id from generations where deleted_at is null`,
];
