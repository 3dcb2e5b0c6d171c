/** Clocks that are wrong: that of this process, and that of a database. */
import type { TestDatabase } from './database.js';

const RightDate = Date;

/** The clock of this process, and so of servers in it, from now on. */
export function setProcessClock(offMs: number): void {
  globalThis.Date = class extends RightDate {
    constructor(...given: unknown[]) {
      super(...((given.length > 0 ? given : [RightDate.now() + offMs]) as [number]));
    }

    static override now() {
      return RightDate.now() + offMs;
    }
  } as DateConstructor;
}

/** Before it is migrated. Whoever connects as that role has the clock of the table. */
export async function giveClock(database: TestDatabase, role: string): Promise<void> {
  await database.query('create table public.clock (off interval not null)');
  await database.query(`insert into public.clock values ('0')`);
  for (const name of ['now', 'clock_timestamp'])
    await database.query(
      `create function public.${name}() returns timestamptz language sql volatile
       as 'select pg_catalog.${name}() + off from public.clock'`,
    );
  await database.query(`grant select on public.clock to ${role}`);
  await database.query(`alter role ${role} set search_path = public, pg_catalog`);
}

export const setDatabaseClock = (database: TestDatabase, offMs: number): Promise<unknown> =>
  database.query(`update public.clock set off = $1 * interval '1 ms'`, [offMs]);
