/** Reads accounts as plain rows, without what only the server may see. */
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import type { User } from './user.js';

/** Timestamps in PostgreSQL's text format. */
export type UserRow = Pick<User, 'id' | 'email' | 'name' | 'role'> & { disabledAt: string | null; createdAt: string };

const SELECT = `select id, email, name, role, disabled_at::text as "disabledAt", created_at::text as "createdAt" from users`;
/** SQL with the id as its value. */
export const SELECT_USER = `${SELECT} where id = ?`;

/** SQL: the account with this id as JSON, a `UserRow`. */
export const userAsJson = (id: string): string => `(select row_to_json(r) from (${SELECT} where id = ${id}) r)`;

export const readUsers = (sql: SqlRunner, ids: readonly string[]): Promise<UserRow[]> =>
  sql.execute(`${SELECT} where id = any(?::uuid[])`, [sqlArray(ids)]);
