/**
 * Plain SQL statements through Kysely, typed by the tables: `query(em).updateTable('users').set(…)`. They run in the transaction of `em`,
 * with the names of tables and columns that PostgreSQL has. Parameters are sent apart from the statement, arrays included.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type ColumnType, type Kysely, type RawBuilder, sql } from 'kysely';

/**
 * The tables that plain statements name. Each owner adds its own, beside the entity, by `declare module '../db/query.js'`: that has the
 * types of this file in scope.
 */
export interface Tables {
  mikro_orm_migrations: { id: number; name: string; digest: string | null };
}

/** The driver returns PostgreSQL's text, with microseconds. It accepts a Date. */
export type Timestamp = ColumnType<string, Date | string, Date | string>;

type Snake<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${Snake<Rest>}`
  : '';

/** The driver parses JSON, but takes it as text: it would write an array as an array of PostgreSQL. */
type Column<Value> = [NonNullable<Value>] extends [Date]
  ? { read: string; write: Date | string }
  : [NonNullable<Value>] extends [string | number | boolean | Buffer]
    ? { read: NonNullable<Value>; write: NonNullable<Value> }
    : [NonNullable<Value>] extends [string[]]
      ? { read: string[]; write: readonly string[] }
      : { read: NonNullable<Value>; write: string };

type Null<Value> = Extract<Value, null>;

/** The columns of an entity, as they are read and updated. Not inserted: new rows are entities. */
export type TableOf<Entity> = {
  [Key in keyof Entity & string as Entity[Key] extends { owner: object } ? never : Snake<Key>]: ColumnType<
    Column<Entity[Key]>['read'] | Null<Entity[Key]>,
    never,
    Column<Entity[Key]>['write'] | Null<Entity[Key]>
  >;
};

export const query = (em: SqlEntityManager): Kysely<Tables> => em.getKysely<Tables>();

/** The start of the transaction. */
export const now: RawBuilder<string> = sql`now()`;

/** For `where('id', '=', anyOf(ids))`: one parameter, and no row for an empty array. */
export const anyOf = <Value>(values: readonly Value[]): RawBuilder<Value> => sql`any(${values})`;
