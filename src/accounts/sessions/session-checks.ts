/** Checks the sessions of access tokens. Those that arrive in one turn of the event loop are checked by one statement. */
import DataLoader from 'dataloader';
import type { SqlRunner } from '../../db/reads.js';
import { sqlArray } from '../../db/sql-array.js';
import type { Role } from '../user.js';

/** A session that has not ended, of an account that is not disabled. */
type ValidSession = { id: string; userId: string; role: Role };

const SELECT_VALID = `select s.id, u.id as "userId", u.role, s.last_used_at < now() - interval '1 min' as "isStale"
  from sessions s join users u on u.id = s.user_id
  where s.id = any(?::uuid[]) and s.expires_at > now() and u.disabled_at is null`;

export class SessionChecks {
  // Without a cache: each request has its session checked anew.
  readonly #checks = new DataLoader<string, ValidSession | undefined>((ids) => this.#read(ids), {
    cache: false,
    batchScheduleFn: setImmediate,
  });

  constructor(private readonly sql: SqlRunner) {}

  /** Undefined for a session that does not exist or is not valid. */
  find(id: string): Promise<ValidSession | undefined> {
    return this.#checks.load(id);
  }

  async #read(ids: readonly string[]): Promise<(ValidSession | undefined)[]> {
    const rows = await this.sql.execute<(ValidSession & { isStale: boolean })[]>(SELECT_VALID, [
      sqlArray([...new Set(ids)]),
    ]);
    const found = new Map(rows.map((row) => [row.id, row]));
    const stale = rows.filter(({ isStale }) => isStale);
    await Promise.all(
      stale.map(({ id }) => this.sql.execute('update sessions set last_used_at = now() where id = ?', [id])),
    );
    return ids.map((id) => found.get(id));
  }
}
