/** Divides the index of the parts of prompts into blocks of generations, so that a search reads no more of it than its page needs. */
import { Migration } from '@mikro-orm/migrations';

export class SearchBlocks extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS = [
  // No generation ends while its prompt is named below.
  `lock table generations in share row exclusive mode`,
  // A block holds up to a few thousand ended generations of one user, about in the order in which they ended.
  `create table search_blocks (id bigint generated always as identity primary key,
     user_id uuid not null references users (id) on delete cascade, number int not null,
     first_created timestamptz not null, last_created timestamptz not null,
     first_completed timestamptz not null, last_completed timestamptz not null)`,
  `create index search_blocks_user on search_blocks (user_id)`,

  // Ended generations do not change. A table of its own spares the index the many updates before the end, and the columns of a generation
  // that a search does not need.
  `drop table search_texts`,
  `drop function grams`,
  `create table search_texts (id uuid primary key references generations (id) on delete cascade, block bigint not null,
     status text not null, model_id uuid null, workflow_name text not null, output_kinds smallint not null,
     created_at timestamptz not null, completed_at timestamptz not null, folded text not null)`,
  // Of each generation: its status, model, workflow and kinds of output; of its prompt the parts of up to three characters (scripts without spaces have words of one),
  // and those of six, which distinguish phrases of usual words. These share 4,096 entries: there would be too many, and a few of them suffice to exclude a prompt.
  // The block in each entry keeps the blocks out of each other's way. Functions of an index see no functions of this schema.
  `create function search_entries(
     block bigint, status text, model_id uuid, workflow_name text, output_kinds smallint, folded text) returns bigint[]
   language sql immutable parallel safe as $$
     with letters as (
       select string_to_array(folded, null) as first, string_to_array(substr(folded, 2), null) as second,
         string_to_array(substr(folded, 3), null) as third),
     threes as (select array(select a || b || c from letters, unnest(first, second, third) as triples (a, b, c)) as parts),
     entries as (
       select hashtextextended(status, 1) as entry
       union all
       select hashtextextended(model_id::text, 2)
       union all
       select hashtextextended(workflow_name, 3)
       union all
       select hashtextextended((1 << bit)::text, 4) from generate_series(0, 14) bit where output_kinds & (1 << bit) <> 0
       union all
       select hashtextextended(a, 0) from letters, unnest(first) a
       union all
       select hashtextextended(a || b, 0) from letters, unnest(first, second) as pairs (a, b)
       union all
       select hashtextextended(part, 0) from threes, unnest(parts) part
       union all
       select hashtextextended(a || b, 0) & 4095 from threes, unnest(parts, parts[4:]) as pairs (a, b))
     select array(select entry # hashint8extended(block, 0) from entries where entry is not null)
   $$`,
  // What every prompt with a text has in the index, before the block is mixed in: few parts that cover the text, however long it is.
  `create function search_keys(folded text) returns bigint[] language sql immutable strict parallel safe as $$
     with text as (
       select length(folded) as total, least(length(folded), 3) as shortest, greatest(3, length(folded) / 6) as stride)
     select array(
       select hashtextextended(substr(folded, least(n, total - shortest + 1), shortest), 0)
       from text, generate_series(1, total - shortest + stride, stride) n
       union
       select hashtextextended(substr(folded, least(n, total - 5), 6), 0) & 4095
       from text, generate_series(1, total - 6 + stride, stride) n where total >= 6)
   $$`,
  `create index search_texts_entries on search_texts using gin
     (search_entries(block, status, model_id, workflow_name, output_kinds, folded))`,
  // Statistics of entries would be costly to collect and tell nothing about one block.
  `alter index search_texts_entries alter column 1 set statistics 0`,

  // generation_id names an ended generation whose prompt is not yet in a block. A change of an ended one takes it out of its block.
  `create or replace function generations_count() returns trigger language plpgsql as $$
   begin
     if tg_op <> 'INSERT' and old.deleted_at is null then
       insert into generation_deltas values (old.user_id, old.status, old.model_id, old.workflow_name, -1, null,
         (old.created_at at time zone 'UTC')::date, null, old.output_kinds);
     end if;
     if tg_op <> 'DELETE' and new.deleted_at is null then
       insert into generation_deltas values (new.user_id, new.status, new.model_id, new.workflow_name, 1,
         case when new.status in ('COMPLETED', 'FAILED', 'CANCELED') then new.id end,
         (new.created_at at time zone 'UTC')::date, coalesce(new.completed_at, 'infinity'), new.output_kinds);
     end if;
     if tg_op = 'UPDATE' and old.status in ('COMPLETED', 'FAILED', 'CANCELED') then
       delete from search_texts where id = old.id;
     end if;
     return null;
   end $$`,
  // The cleaner fills the blocks: it would take too long here.
  `update generation_deltas set generation_id = null where generation_id is not null`,
  `insert into generation_deltas (user_id, status, model_id, workflow_name, output_kinds, number, generation_id)
   select user_id, status, model_id, workflow_name, output_kinds, 0, id from generations
   where deleted_at is null and status in ('COMPLETED', 'FAILED', 'CANCELED') order by created_at`,
];
