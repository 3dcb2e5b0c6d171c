/** Locks a table exclusively, as a long transaction may: its readers wait until `open`. */
import pg from 'pg';
import { until } from './until.js';

export type TableLock = {
  /** Resolves when `by` connections wait for the table. */
  isWaitedFor(by?: number): Promise<void>;
  /** Runs a statement while the others wait; they see its effect after `open`. */
  execute(statement: string, values: unknown[]): Promise<void>;
  open(): Promise<void>;
  /** Also opens, and may be called again. */
  close(): Promise<void>;
};

export async function lockTable(databaseUrl: string, table: string): Promise<TableLock> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in access exclusive mode`);
  return {
    async isWaitedFor(by = 1) {
      await until(async () => {
        const { rows } = await client.query(
          'select from pg_locks where relation = $1::regclass and database = (select oid from pg_database where datname = current_database()) and not granted',
          [table],
        );
        return rows.length >= by;
      }, `${by} to wait for ${table}`);
    },
    async execute(statement, values) {
      await client.query(statement, values);
    },
    async open() {
      await client.query('commit');
      await client.end();
    },
    close: () => client.end(),
  };
}
