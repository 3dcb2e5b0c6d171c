/**
 * Runs the reads of requests, and statements that are as frequent, outside of transactions. An entity manager plans each statement anew, and
 * planning takes longer than most reads; a prepared statement is planned once for each connection.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';

/** What runs a statement, with its values in the places of `?`: `Reads`, or an entity manager, also inside of its transaction. */
export type SqlRunner = { execute<Rows extends object[]>(statement: string, values?: unknown[]): Promise<Rows> };

export type Reads = {
  /**
   * Runs a prepared statement. After a few runs PostgreSQL plans it without knowing the values, so one plan has to be right for all of them:
   * the statement finds its rows by an index, has the limit in its text, and reads what belongs to a row in subqueries of the selected columns,
   * which cannot become a scan of a whole table.
   */
  execute: SqlRunner['execute'];
  /** Runs a statement whose best plan depends on the values, such as a search. */
  executeUnprepared: SqlRunner['execute'];
};

/** PostgreSQL keeps them for each connection. Texts differ by what a document selects. */
const MAX_PREPARED = 200;

export function createReads(orm: MikroORM, pool: pg.Pool): Reads {
  const prepared = new Map<string, { text: string; name?: string }>();
  const prepare = (statement: string) => {
    const known = prepared.get(statement);
    if (known) return known;
    let count = 0;
    const text = statement.replaceAll('?', () => `$${++count}`);
    if (prepared.size >= MAX_PREPARED) return { text };
    const created = { text, name: `read_${prepared.size}` };
    prepared.set(statement, created);
    return created;
  };
  return {
    execute: async <Rows extends object[]>(statement: string, values: unknown[] = []) =>
      (await pool.query({ ...prepare(statement), values })).rows as Rows,
    executeUnprepared: (statement, values) => orm.em.getConnection().execute(statement, values),
  };
}

/** Reads that begin at once and return nothing before `permission`. They reject with it, without waiting for the rows. */
export const withPermission = (reads: Reads, permission: Promise<unknown>): Reads => {
  // Perhaps nothing is read.
  permission.catch(() => {});
  const wait = async <Rows>(rows: Promise<Rows>): Promise<Rows> => (await Promise.all([rows, permission]))[0];
  return {
    execute: (statement, values) => wait(reads.execute(statement, values)),
    executeUnprepared: (statement, values) => wait(reads.executeUnprepared(statement, values)),
  };
};
