/** Reads and writes the rows of saved workflows. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { now, query } from '../../db/query.js';
import type { SqlRunner } from '../../db/reads.js';
import { sqlArray } from '../../db/sql-array.js';
import type { WorkflowReference } from '../workflows.js';
import type { SavedWorkflow } from './saved-workflow.js';

/** `createdAt` in PostgreSQL's text format. */
export type SavedRow = Pick<
  SavedWorkflow,
  | 'id'
  | 'ownerId'
  | 'name'
  | 'version'
  | 'title'
  | 'description'
  | 'graph'
  | 'inputs'
  | 'outputs'
  | 'isShared'
  | 'isListed'
> & { isTrusted: boolean; createdAt: string };

/** A demoted or deleted owner is no longer trusted. */
const COLUMNS = `w.id, w.owner_id as "ownerId", w.name, w.version, w.title, w.description, w.graph, w.inputs, w.outputs,
  w.is_shared as "isShared", w.is_listed as "isListed", coalesce(u.role = 'ADMIN' and u.deleted_at is null, false) as "isTrusted",
  w.created_at::text as "createdAt"`;
const FROM_WORKFLOWS = 'from workflows w left join users u on u.id = w.owner_id';
/** SQL: whether the user may find the workflow by its name. */
const isFound = (userId: string) =>
  `w.is_listed and w.deleted_at is null and (w.owner_id = ${userId} or w.is_shared and u.id is not null and u.deleted_at is null)`;

/** The newest version of each name: the user's own before shared ones. */
export const listSaved = (sql: SqlRunner, userId: string): Promise<SavedRow[]> =>
  sql.execute<SavedRow[]>(
    `select distinct on (w.name) ${COLUMNS} ${FROM_WORKFLOWS} where ${isFound('?::uuid')}
     order by w.name, (w.owner_id = ?) desc, w.version desc, w.id desc`,
    [userId, userId],
  );

/** In the order of the references, each with its number, counted from 1; a reference that nothing has is missing. */
export const findSaved = (
  sql: SqlRunner,
  references: readonly WorkflowReference[],
): Promise<(SavedRow & { nth: number })[]> =>
  sql.execute<(SavedRow & { nth: number })[]>(
    `select r.nth, w.* from jsonb_to_recordset(?) as r (nth int, "userId" uuid, name text, version int)
     cross join lateral (
       select ${COLUMNS} ${FROM_WORKFLOWS}
       where w.name = r.name and w.version = coalesce(r.version, w.version) and ${isFound('r."userId"')}
       order by (w.owner_id = r."userId") desc, w.version desc, w.id desc limit 1) w`,
    [JSON.stringify(references.map((reference, index) => ({ ...reference, nth: index + 1 })))],
  );

export const readSaved = (sql: SqlRunner, ids: readonly string[]): Promise<SavedRow[]> =>
  sql.execute<SavedRow[]>(`select ${COLUMNS} ${FROM_WORKFLOWS} where w.id = any(?::uuid[])`, [sqlArray(ids)]);

export type NewVersion = Pick<
  SavedWorkflow,
  'id' | 'name' | 'title' | 'description' | 'graph' | 'inputs' | 'outputs' | 'isShared' | 'isListed'
> & { ownerId: string };

const INSERT = `insert into workflows (id, owner_id, name, version, title, description, graph, inputs, outputs, is_shared, is_listed)`;
const valuesOf = (each: NewVersion) => [
  each.title,
  each.description,
  JSON.stringify(each.graph),
  JSON.stringify(each.inputs),
  JSON.stringify(each.outputs),
  each.isShared,
  each.isListed,
];

/** Returns false if a concurrent save has made the version: try again; or if the owner has `max` versions. */
export async function insertNextVersion(em: SqlEntityManager, version: NewVersion, max: number): Promise<boolean> {
  const { id, ownerId, name } = version;
  const rows = await em.execute(
    `${INSERT}
     select ?, ?, ?, (select coalesce(max(version), 0) + 1 from workflows where owner_id = ? and name = ?),
       ?, ?, ?::json, ?::jsonb, ?::jsonb, ?::boolean, ?::boolean
     where (select count(*) from workflows where owner_id = ? and is_listed) < ?
     on conflict do nothing returning id`,
    [id, ownerId, name, ownerId, name, ...valuesOf(version), ownerId, max],
  );
  return rows.length > 0;
}

/** Keeps an unlisted graph, unless its owner has it: then it counts as new. Returns its id. */
export async function keepVersion(em: SqlEntityManager, version: NewVersion): Promise<string> {
  const { id, ownerId, name } = version;
  const [row] = await em.execute<{ id: string }[]>(
    `${INSERT} values (?, ?, ?, 1, ?, ?, ?::json, ?::jsonb, ?::jsonb, ?, ?)
     on conflict (owner_id, name, version) do update set created_at = now() returning id`,
    [id, ownerId, name, ...valuesOf(version)],
  );
  if (!row) throw new Error('PostgreSQL returned no row for a workflow');
  return row.id;
}

export const countVersions = async (em: SqlEntityManager, ownerId: string): Promise<number> => {
  const { count } = await query(em)
    .selectFrom('workflows')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('owner_id', '=', ownerId)
    .where('is_listed', '=', true)
    .executeTakeFirstOrThrow();
  return Number(count);
};

/** The versions that the owner finds by a name. */
const updateNamed = (em: SqlEntityManager, ownerId: string, name: string) =>
  query(em)
    .updateTable('workflows')
    .where('owner_id', '=', ownerId)
    .where('name', '=', name)
    .where('is_listed', '=', true)
    .where('deleted_at', 'is', null);

/** Returns whether the owner has the name. */
export const setShared = async (
  em: SqlEntityManager,
  ownerId: string,
  name: string,
  isShared: boolean,
): Promise<boolean> => {
  const rows = await updateNamed(em, ownerId, name).set({ is_shared: isShared }).returning('id').execute();
  return rows.length > 0;
};

/** Returns whether the owner had the name. */
export const markNameDeleted = async (em: SqlEntityManager, ownerId: string, name: string): Promise<boolean> => {
  const rows = await updateNamed(em, ownerId, name).set({ deleted_at: now }).returning('id').execute();
  return rows.length > 0;
};

/** Deletes the versions that only generations reached, once none does. An hour later: a new generation may just be created. */
export const deleteUnused = async (em: SqlEntityManager): Promise<void> => {
  await em.execute(
    `delete from workflows w where (not is_listed or owner_id is null or deleted_at is not null)
       and greatest(created_at, deleted_at) < now() - interval '1 hour'
       and not exists (select from generations g where g.workflow_id = w.id)`,
  );
};
