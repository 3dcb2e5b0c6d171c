/** Distributes work fairly between users, over several processes and backends. */
import { Migration } from '@mikro-orm/migrations';

export class SharedRunner extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  // What a generation requires from a backend; generations with equal needs share a row.
  `create table routes (
     id text primary key,
     needs jsonb not null
   )`,

  // Fair share: how many generations of each user wait, and when the user was last served. Rows are never deleted, which would race.
  `create table turns (
     user_id uuid primary key,
     waiting int not null,
     at timestamptz not null
   )`,
  `create index turns_next on turns (at, user_id) where waiting > 0`,
  `create function count_waiting() returns trigger language plpgsql as $$
   declare
     change int := case tg_op when 'DELETE' then 0 else new.waiting::int end
       - case tg_op when 'INSERT' then 0 else old.waiting::int end;
   begin
     if change <> 0 then
       insert into turns (user_id, waiting, at)
       -- A newcomer was served long ago.
       values (case tg_op when 'DELETE' then old.user_id else new.user_id end, change, now() - interval '1 year')
       on conflict (user_id) do update set waiting = turns.waiting + change;
     end if;
     return null;
   end $$`,
  `create trigger generations_count_waiting after insert or delete or update of waiting on generations
   for each row execute function count_waiting()`,
  `insert into turns (user_id, waiting, at)
   select user_id, count(*) filter (where waiting), now() - interval '1 year' from generations group by user_id`,

  // How long earlier runs of the same work took.
  `create table paces (
     workflow_name text not null,
     workflow_version int not null,
     model_id uuid not null,
     seconds double precision not null,
     runs int not null,
     primary key (workflow_name, workflow_version, model_id)
   )`,

  `alter table backends
     add column offline_since timestamptz null,
     add column draining boolean not null default false,
     add column classes text[] null,
     add column route text null,
     add column streak int not null default 0`,

  `alter table generations
     add column route text null,
     add column idempotency_key text null,
     add column input_hash bytea null,
     add column retry_of_id uuid null,
     add column freed boolean not null default false`,
  `alter table generations add constraint generations_retry_of_id_foreign
     foreign key (retry_of_id) references generations (id) on delete set null`,
  `create index generations_retry_of on generations (retry_of_id) where retry_of_id is not null`,
  `create unique index generations_idempotency on generations (user_id, idempotency_key)
     where idempotency_key is not null and deleted_at is null`,
  `insert into routes (id, needs) values ('any', '{"classes": [], "files": []}')`,
  `update generations set route = 'any' where waiting`,
  `drop index generations_next`,
  `create index generations_next on generations (user_id, rank, created_at, id) include (route, run_after) where waiting`,
  `create index generations_route on generations (route) where waiting`,

  `alter table prompts
     add column user_id uuid null,
     add column idle boolean not null default false,
     add column abandoned_at timestamptz null,
     add column stop_asked_at timestamptz null,
     add column outputs jsonb null,
     add column expected_seconds double precision null`,
  `update prompts set user_id = g.user_id from generations g where g.id = prompts.generation_id`,
  `alter table prompts alter column user_id set not null`,
];
