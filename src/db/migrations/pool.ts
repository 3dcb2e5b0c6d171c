/** Backends whose jobs all fail get no work, and the failed jobs run elsewhere. */
import { Migration } from '@mikro-orm/migrations';

export class Pool extends Migration {
  override up(): void {
    this.addSql(`alter table backends
      add column strikes text[] not null default '{}',
      add column broken_reason text null,
      add column probe_at timestamptz null,
      add column probes int not null default 0`);
    this.addSql(`alter table generations
      add column spent int not null default 0,
      add column avoids text[] not null default '{}',
      add column avoids_until timestamptz null`);
    // So far every attempt except the current one counts as spent.
    this.addSql(`update generations set spent = greatest(attempt - case when waiting then 0 else 1 end, 0)
      where status in ('PENDING', 'PROCESSING', 'CANCELING')`);
  }
}
