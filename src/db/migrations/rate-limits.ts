/** Counters for rate limits, in the table layout of rate-limiter-flexible. */
import { Migration } from '@mikro-orm/migrations';

export class RateLimits extends Migration {
  override up(): void {
    this.addSql(
      `create table rate_limits (key varchar(255) primary key, points int not null default 0, expire bigint)`,
    );
    this.addSql(`create index rate_limits_expire on rate_limits (expire)`);
  }
}
