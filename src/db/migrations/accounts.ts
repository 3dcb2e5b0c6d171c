/** Adds details of sessions, deleted accounts, and a mark for backends that are the simulator. */
import { Migration } from '@mikro-orm/migrations';

export class Accounts extends Migration {
  override up(): void {
    this.addSql(
      `alter table sessions
         add column refreshes jsonb not null default '[]',
         add column user_agent text null,
         add column last_used_at timestamptz(3) not null default now()`,
    );
    this.addSql(`alter table backends add column is_simulated boolean not null default false`);
    this.addSql(`alter table users add column deleted_at timestamptz null`);
  }
}
