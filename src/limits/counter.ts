/**
 * Counts for one rate limit. What arrives while one statement counts is counted together by the next, with the same results as if each had a
 * statement of its own.
 */
import type pg from 'pg';
import { collected } from '../process/collected.js';

/** In milliseconds, on PostgreSQL's clock. */
export const NOW = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;
/** The window has ended; or it ends later than any window can, because the clock was set back. */
const HAS_ENDED = `(r.expire <= ${NOW} or r.expire > ${NOW} + $3)`;
/** The commit does not wait for the disk: a crash of PostgreSQL may lose the counts of its last moments. */
const TAKE = `
  insert into rate_limits as r (key, points, expire)
  select key, times, ${NOW} + $3 from unnest($1::text[], $2::int[]) as taken (key, times)
  where set_config('synchronous_commit', 'off', true) is not null order by key
  on conflict (key) do update set
    points = case when ${HAS_ENDED} then 0 else r.points end + excluded.points,
    expire = case when ${HAS_ENDED} then excluded.expire else r.expire end
  returning key, points, (expire - ${NOW})::float8 as "leftMs"`;
const MAX_BATCH = 100;

/** How often in this window, this time included; and how long the window lasts. */
type Count = { points: number; leftMs: number };

export class Counter {
  /** Counts one. */
  readonly take = collected((keys: readonly string[]) => this.#count(keys), MAX_BATCH);

  /** @param durationMs of a window, which starts with the first */
  constructor(
    private readonly pool: pg.Pool,
    private readonly durationMs: number,
  ) {}

  async #count(keys: readonly string[]): Promise<Count[]> {
    const times = new Map<string, number>();
    for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1);
    const values = [[...times.keys()], [...times.values()], this.durationMs];
    const { rows } = await this.pool.query<Count & { key: string }>({ name: 'count_rates', text: TAKE, values });
    const counts = new Map(rows.map((row) => [row.key, { ...row, points: row.points - (times.get(row.key) ?? 0) }]));
    return keys.map((key) => {
      const { points, leftMs } = counts.get(key) as Count & { key: string };
      counts.set(key, { key, leftMs, points: points + 1 });
      return { points: points + 1, leftMs };
    });
  }
}
