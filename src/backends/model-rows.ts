/** Reads and writes the models that backends offer. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { withSlashes } from '../comfyui/index.js';
import { query } from '../db/query.js';
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import type { ModelKind } from '../workflows/model-kind.js';
import type { Model } from './model.js';
import { modelNameOf, type Offer, type OfferedFile, savedOffer } from './offer.js';

export type ModelRow = Pick<Model, 'id' | 'kind' | 'folder' | 'name' | 'filename'> & { available: boolean };

const ONLINE_BACKENDS = `(
    select count(*) from backend_models bm join backends b on b.id = bm.backend_id and b.state <> 'OFFLINE' where bm.model_id = models.id
  )`;
const SELECT = `select id, kind, folder, name, filename, ${ONLINE_BACKENDS} > 0 as available from models`;
const SELECT_WITHOUT_BACKENDS = 'select id, kind, folder, name, filename, null as available from models';

/** SQL with the id as its value. */
export const SELECT_MODEL = `${SELECT} where id = ?`;

export const listModels = (em: SqlEntityManager, kind?: ModelKind | null): Promise<ModelRow[]> =>
  em.execute<ModelRow[]>(`${SELECT} where kind = coalesce(?, kind) order by kind, folder, name`, [kind ?? null]);

export const readModels = (sql: SqlRunner, ids: readonly string[]): Promise<ModelRow[]> =>
  sql.execute<ModelRow[]>(`${SELECT} where id = any(?::uuid[])`, [sqlArray(ids)]);

/** SQL: the model with this id as JSON, a `ModelRow`; null where there is none. `available` is null unless it is wanted. */
export const modelAsJson = (id: string, isAvailableWanted: boolean): string =>
  `(select row_to_json(m) from (${isAvailableWanted ? SELECT : SELECT_WITHOUT_BACKENDS} where id = ${id}) m)`;

/** SQL: a file's path with forward slashes; on Windows ComfyUI lists it with backslashes. */
const path = (column: string) => `replace(${column}, chr(92), '/')`;

/** Persists the nodes and models of a backend. Backends may spell one file differently: the first spelling names the model. */
export async function saveOffer(
  em: SqlEntityManager,
  backendId: string,
  { classes, files }: { classes: readonly string[]; files: readonly OfferedFile[] },
): Promise<void> {
  const kinds = sqlArray(files.map(({ kind }) => kind));
  const folders = sqlArray(files.map(({ folder = '' }) => folder));
  const filenames = sqlArray(files.map(({ filename }) => filename));
  await em.transactional(async (em) => {
    // Two processes that save at once would each insert their own spelling of a file.
    await em.execute('lock table models in share row exclusive mode');
    const insert = (names: readonly string[]) =>
      em.execute(
        `insert into models (id, kind, folder, name, filename)
         select gen_random_uuid(), kind, folder, name, filename
         from unnest(?::text[], ?::text[], ?::text[], ?::text[]) as f(kind, folder, filename, name)
         where not exists (
           select from models m where m.kind = f.kind and m.folder = f.folder and ${path('m.filename')} = ${path('f.filename')})
         on conflict do nothing`,
        [kinds, folders, filenames, sqlArray(names)],
      );
    await insert(files.map(({ filename }) => modelNameOf(filename)));
    // If two names would be equal, the extension stays.
    await insert(files.map(({ filename }) => withSlashes(filename)));
    await query(em).updateTable('backends').set({ classes }).where('id', '=', backendId).execute();
    await query(em).deleteFrom('backend_models').where('backend_id', '=', backendId).execute();
    await em.execute(
      `insert into backend_models (backend_id, model_id)
       select distinct ?::uuid, m.id from models m join unnest(?::text[], ?::text[], ?::text[]) as f(kind, folder, filename)
         on f.kind = m.kind and f.folder = m.folder and ${path('f.filename')} = ${path('m.filename')}`,
      [backendId, kinds, folders, filenames],
    );
  });
}

/** The saved offers by the ids of the backends. A backend whose catalogue was never read has none. */
export async function readOffers(em: SqlEntityManager, backendIds: readonly string[]): Promise<Map<string, Offer>> {
  const rows = await em.execute<{ id: string; classes: string[]; files: OfferedFile[] }[]>(
    `select id, classes, coalesce((
       select json_agg(json_strip_nulls(json_build_object('kind', m.kind, 'folder', nullif(m.folder, ''), 'filename', m.filename)))
       from backend_models bm join models m on m.id = bm.model_id where bm.backend_id = b.id), '[]') as files
     from backends b where id = any(?::uuid[]) and classes is not null`,
    [sqlArray(backendIds)],
  );
  return new Map(rows.map(({ id, classes, files }) => [id, savedOffer(classes, files)]));
}
