/** Records the transaction that created each generation and the last one that changed it, so that a client can resume a stream of changes. */
import { Migration } from '@mikro-orm/migrations';

const STATEMENTS = [
  // Transactions instead of times: a clock may step, and a transaction may commit long after it has read the clock.
  `alter table generations
     add column created_in xid8 not null default pg_current_xact_id(),
     add column changed_in xid8 not null default pg_current_xact_id()`,
  `create function generations_stamp_change() returns trigger language plpgsql as $$
   begin
     new.changed_in := pg_current_xact_id();
     return new;
   end $$`,
  `create trigger generations_stamp_change before update on generations
   for each row execute function generations_stamp_change()`,
  `drop index generations_changed`,
  `create index generations_changed on generations (user_id, changed_in)`,
  // One row for each start of a server; origin names the database that counts the transactions.
  `create table change_epochs (id uuid primary key, origin text not null, started_at timestamptz not null default now())`,
  // For each user, the newest deletion of a generation whose row is gone.
  `create table forgotten_deletions (
     user_id uuid primary key references users (id) on delete cascade, changed_in xid8 not null)`,
];

export class Changes extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}
