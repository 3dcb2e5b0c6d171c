/** Sets the clock of this process, and that of a database. */
import type { TestDatabase } from './database.js';

const RealDate = Date;

/** Shifts the clock of this process, including servers in it. */
export function setProcessClock(offMs: number): void {
  globalThis.Date = class extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length > 0 ? given : [RealDate.now() + offMs]) as [number]));
    }

    static override now() {
      return RealDate.now() + offMs;
    }
  } as DateConstructor;
}

/** Call it before the migrations. Connections of the role use the clock in the table. */
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
