/** Reads and writes what models there are. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { withSlashes } from '../comfyui/index.js';
import { badUserInput } from '../graphql/errors.js';
import { nearest } from '../graphql/suggestions.js';
import type { Model, ModelKind } from './model.js';
import { type Offer, savedOffer } from './needs.js';

export type ModelRow = Pick<Model, 'id' | 'kind' | 'name' | 'filename'> & { available: boolean };

const ONLINE_BACKENDS = `(
    select count(*) from backend_models bm join backends b on b.id = bm.backend_id and b.state <> 'OFFLINE' where bm.model_id = models.id
  )`;
const SELECT = `select id, kind, name, filename, ${ONLINE_BACKENDS} > 0 as available from models`;

export const listModels = (em: SqlEntityManager, kind?: ModelKind | null): Promise<ModelRow[]> =>
  em.execute<ModelRow[]>(`${SELECT} where kind = coalesce(?, kind) order by kind, name`, [kind ?? null]);

export const readModels = (em: SqlEntityManager, ids: readonly string[]): Promise<ModelRow[]> =>
  em.execute<ModelRow[]>(`${SELECT} where id = any(?::uuid[])`, [pgArray(ids)]);

/** The path of a file without the spelling of its backend: on Windows its folders end with a backslash. */
const path = (column: string) => `replace(${column}, chr(92), '/')`;

/** Several backends may spell one file differently; ours is named once, the first time it is seen. */
export async function saveOffer(
  em: SqlEntityManager,
  backendId: string,
  { classes, files }: { classes: readonly string[]; files: readonly { kind: string; filename: string }[] },
): Promise<void> {
  const kinds = pgArray(files.map(({ kind }) => kind));
  const filenames = pgArray(files.map(({ filename }) => filename));
  await em.transactional(async (em) => {
    // Two that save at once would each insert its own spelling of a file.
    await em.execute('lock table models in share row exclusive mode');
    const insert = (names: readonly string[]) =>
      em.execute(
        `insert into models (id, kind, name, filename)
         select gen_random_uuid(), kind, name, filename from unnest(?::text[], ?::text[], ?::text[]) as f(kind, filename, name)
         where not exists (select from models m where m.kind = f.kind and ${path('m.filename')} = ${path('f.filename')})
         on conflict do nothing`,
        [kinds, filenames, pgArray(names)],
      );
    await insert(files.map(({ filename }) => nameOf(filename)));
    // Where two names would clash the extension stays.
    await insert(files.map(({ filename }) => withSlashes(filename)));
    await em.execute('update backends set classes = ?::text[] where id = ?', [pgArray(classes), backendId]);
    await em.execute('delete from backend_models where backend_id = ?', [backendId]);
    await em.execute(
      `insert into backend_models (backend_id, model_id)
       select distinct ?::uuid, m.id from models m join unnest(?::text[], ?::text[]) as f(kind, filename)
         on f.kind = m.kind and ${path('f.filename')} = ${path('m.filename')}`,
      [backendId, kinds, filenames],
    );
  });
}

/** What backends told that they have, by their ids; those that never did are missing. */
export async function readOffers(em: SqlEntityManager, backendIds: readonly string[]): Promise<Map<string, Offer>> {
  const rows = await em.execute<{ id: string; classes: string[]; files: { kind: string; filename: string }[] }[]>(
    `select id, classes, coalesce((
       select json_agg(json_build_object('kind', m.kind, 'filename', m.filename))
       from backend_models bm join models m on m.id = bm.model_id where bm.backend_id = b.id), '[]') as files
     from backends b where id = any(?::uuid[]) and classes is not null`,
    [pgArray(backendIds)],
  );
  return new Map(rows.map(({ id, classes, files }) => [id, savedOffer(classes, files)]));
}

/** The file's path without its extension, always with forward slashes. */
const nameOf = (filename: string): string => withSlashes(filename).replace(/\.[^./]+$/, '');

/**
 * The model of that name or filename. Undefined, instead of a refusal, while some backend has never told what it has.
 * @throws BAD_USER_INPUT with suggestions
 */
export async function findModel(
  em: SqlEntityManager,
  kind: ModelKind,
  name: string,
  field: string,
): Promise<ModelRow | undefined> {
  let names: string[] = [];
  const found = await findToldOf(em, async () => {
    const models = await listModels(em, kind);
    names = models.map((model) => model.name);
    return (
      models.find((model) => model.name === name) ??
      models.find(({ filename }) => withSlashes(filename) === withSlashes(name))
    );
  });
  if (found !== null) return found;
  throw badUserInput(`There is no model ${name.slice(0, 100)}`, field, {
    suggestions: nearest(name, names),
  });
}

/** The model when nobody chose one: the one that most online backends have; undefined while no backend has told what it has. @throws BAD_USER_INPUT */
export async function defaultModel(
  em: SqlEntityManager,
  kind: ModelKind,
  configured: string | undefined,
): Promise<ModelRow | undefined> {
  if (configured !== undefined) return await findModel(em, kind, configured, 'model');
  const found = await findToldOf(em, async () => {
    const rows = await em.execute<ModelRow[]>(
      `${SELECT} where kind = ? order by ${ONLINE_BACKENDS} desc, name limit 1`,
      [kind],
    );
    return rows[0];
  });
  if (found !== null) return found;
  throw badUserInput('No checkpoint is installed: put one into ComfyUI’s folder models/checkpoints', 'model');
}

/** Undefined while some backend has never told what it has, null where all have told and it is not there. */
async function findToldOf<T>(em: SqlEntityManager, find: () => Promise<T | undefined>): Promise<T | undefined | null> {
  const found = await find();
  if (found !== undefined || (await isSomeBackendUnseen(em))) return found;
  // The last one may have told just after the first look.
  return (await find()) ?? null;
}

/** Or all that there are cannot be used, and never told what they have. */
async function isSomeBackendUnseen(em: SqlEntityManager): Promise<boolean> {
  const [row] = await em.execute(
    `select exists (select from backends where last_seen_at is null) or not exists (select from backends where classes is not null) as unseen`,
  );
  return Boolean(row?.unseen);
}

/** PostgreSQL's literal of an array of texts: MikroORM spreads a JavaScript array into a list of parameters. */
const pgArray = (values: readonly string[]): string => `{${values.map((value) => JSON.stringify(value)).join(',')}}`;
