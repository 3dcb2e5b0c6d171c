/** Controls the clocks of the servers and of PostgreSQL, and records the true times of prompts by a clock that does not step. */
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { giveClock, setDatabaseClock } from '../support/clock.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { createRole, type TestRole } from '../support/role.js';

const WRONG_CLOCK = pathToFileURL(resolve(import.meta.dirname, '../support/wrong-clock.js')).href;

export class Clocks {
  readonly database: TestDatabase;
  readonly #role: TestRole;
  readonly #folder: string;

  private constructor(database: TestDatabase, role: TestRole, folder: string) {
    this.database = database;
    this.#role = role;
    this.#folder = folder;
  }

  /** The database is empty: default times use the stepping clock only if it exists before the migrations. */
  static async open(folder: string): Promise<Clocks> {
    const database = await createEmptyDatabase();
    const role = await createRole(database);
    await giveClock(database, role.name);
    return new Clocks(database, role, folder);
  }

  /** The environment of a server that uses the clock of this name. */
  environmentOf(name: string): Record<string, string> {
    this.setServerClock(name, 0);
    return { DATABASE_URL: this.#role.url, NODE_OPTIONS: `--import=${WRONG_CLOCK}`, CLOCK_FILE: this.#fileOf(name) };
  }

  /** Atomic: no reader sees a partial number. */
  setServerClock(name: string, offMs: number): void {
    const file = this.#fileOf(name);
    writeFileSync(`${file}.new`, String(offMs));
    renameSync(`${file}.new`, file);
  }

  async setDatabaseClock(offMs: number): Promise<void> {
    await setDatabaseClock(this.database, offMs);
  }

  /** Starts recording true times, in a migrated database. */
  async keepTrueTimes(): Promise<void> {
    await this.database.query(`
      create table true_times (
        prompt_id uuid primary key, created_at timestamptz not null default pg_catalog.clock_timestamp(), ended_at timestamptz);
      create function keep_true_times() returns trigger language plpgsql security definer as $$ begin
        insert into public.true_times (prompt_id) values (new.id) on conflict do nothing;
        update public.true_times set ended_at = case when new.ended_at is not null then pg_catalog.clock_timestamp() end
        where prompt_id = new.id and (ended_at is null) <> (new.ended_at is null);
        return null;
      end $$;
      create trigger keep_true_times after insert or update on prompts for each row execute function keep_true_times()`);
  }

  async close(): Promise<void> {
    await this.#role.drop();
    await this.database.drop();
  }

  #fileOf(name: string): string {
    return join(this.#folder, `${name}.clock`);
  }
}
