/** Webhooks, and the outbox of what they receive: written by triggers, in the transaction that changes a generation. */
import { Migration } from '@mikro-orm/migrations';

export class Deliveries extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const INSTANT = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const STATEMENTS = [
  `create table webhooks (
     id uuid not null,
     user_id uuid not null,
     url text not null,
     events text[] not null,
     description text null,
     secret text not null,
     created_at timestamptz(3) not null default now(),
     failing_since timestamptz null,
     failed_at timestamptz null,
     disabled_at timestamptz(3) null,
     primary key (id)
   )`,
  `create index webhooks_user_id_index on webhooks (user_id)`,
  `alter table webhooks add constraint webhooks_user_id_foreign foreign key (user_id) references users (id) on delete cascade`,
  `alter table generations add column webhook_url text null`,

  // target names the receiver: the webhook, or for a URL of one generation a hash of its owner and origin. seq orders the events of a
  // generation. attempts is the fence: an outcome with an older number changes nothing. failures counts since the last success or redelivery.
  `create table deliveries (
     id uuid primary key default gen_random_uuid(),
     seq bigint generated always as identity,
     user_id uuid not null references users (id) on delete cascade,
     generation_id uuid not null references generations (id) on delete cascade,
     webhook_id uuid null references webhooks (id) on delete cascade,
     target uuid not null,
     event text not null,
     data json not null,
     state text not null default 'PENDING',
     attempts int not null default 0,
     failures int not null default 0,
     response_status int null,
     error text null,
     next_attempt_at timestamptz null default now(),
     created_at timestamptz(3) not null default clock_timestamp(),
     delivered_at timestamptz(3) null
   )`,
  // Each event of a generation once for each receiver.
  `create unique index deliveries_event on deliveries (generation_id, target, event)`,
  `create index deliveries_due on deliveries (target, next_attempt_at, seq) where state = 'PENDING'`,
  `create index deliveries_webhook on deliveries (webhook_id, seq)`,
  `create index deliveries_user on deliveries (user_id)`,
  `create index deliveries_ended on deliveries (created_at) where state <> 'PENDING'`,

  // Locks no webhook that is being deleted: the change of a generation waits for none, and cannot fail by its absence.
  `create function generations_announce() returns trigger language plpgsql as $$
   declare
     is_final constant boolean := new.status <> old.status and new.completed_at is not null;
     its_event constant text := 'GENERATION_' || case when is_final then new.status else 'STARTED' end;
   begin
     -- A fifth of what the statement below costs if it finds nothing.
     if new.webhook_url is null and not exists (select from webhooks where user_id = new.user_id) then
       return null;
     end if;
     with webhook as materialized (
       select id from webhooks
       where user_id = new.user_id and disabled_at is null and its_event = any(events) for key share skip locked)
     insert into deliveries (user_id, generation_id, webhook_id, target, event, data, next_attempt_at)
     select new.user_id, new.id, receiver.webhook_id, receiver.target, its_event,
       json_build_object('id', new.id, 'status', new.status, 'revision', new.revision, 'attempt', new.attempt,
         'failure', case when new.failure is not null then json_build_object('code', new.failure->'code', 'message', new.failure->'message',
           'nodeId', new.failure->'nodeId', 'nodeType', new.failure->'nodeType', 'retryable', new.failure->'retryable') end,
         'idempotencyKey', new.idempotency_key, 'createdAt', ${INSTANT('new.created_at')},
         'startedAt', ${INSTANT('new.started_at')}, 'completedAt', ${INSTANT('new.completed_at')}),
       -- Not before an earlier event that waits for its next attempt: many of these would make each claim slow.
       coalesce((select max(next_attempt_at) from deliveries d
         where d.generation_id = new.id and d.target = receiver.target and d.state = 'PENDING' and d.failures > 0), now())
     from (
       select id as webhook_id, id as target from webhook
       union all
       select null, md5(new.user_id || ' ' || substring(new.webhook_url from '^[^/]*//[^/]*'))::uuid
       where is_final and new.webhook_url is not null) receiver
     on conflict do nothing;
     return null;
   end $$`,
  `create trigger generations_announce after update of status, started_at on generations
   for each row when (new.deleted_at is null and (
     new.status <> old.status and new.completed_at is not null or new.started_at is not null and old.started_at is null))
   execute function generations_announce()`,

  `create function generations_silence() returns trigger language plpgsql as $$
   begin
     delete from deliveries where generation_id = new.id;
     return null;
   end $$`,
  `create trigger generations_silence after update of deleted_at on generations
   for each row when (new.deleted_at is not null and old.deleted_at is null) execute function generations_silence()`,

  // The row of a deleted account stays until its last generation is gone; its webhooks do not.
  `create function users_silence() returns trigger language plpgsql as $$
   begin
     delete from webhooks where user_id = new.id;
     delete from deliveries where user_id = new.id;
     return null;
   end $$`,
  `create trigger users_silence after update of deleted_at on users
   for each row when (new.deleted_at is not null and old.deleted_at is null) execute function users_silence()`,
];
