/** Writes many generations at once: copies of one that the API created. */
import pg from 'pg';

/** Columns that differ from the original's. */
export type Row = { id: string } & Record<string, unknown>;

/** Runs statements in the database of an app. */
async function inDatabase<T>(url: string, work: (database: pg.Client) => Promise<T>): Promise<T> {
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}

/** Copies every column of the original that a row does not replace. The copies do not wait for a backend. */
export const copyGenerations = (url: string, originalId: string, rows: Row[]): Promise<void> =>
  inDatabase(url, async (database) => {
    await database.query(
      `insert into generations select (jsonb_populate_record(g, r)).*
       from generations g, jsonb_array_elements($2::jsonb) r where g.id = $1`,
      [originalId, JSON.stringify(rows.map((row) => ({ waiting: false, ...row })))],
    );
  });

/** Copies the original's result and images for each id. */
export const copyResults = (url: string, originalId: string, ids: string[]): Promise<void> =>
  inDatabase(url, async (database) => {
    await database.query(
      `with copies as (
         insert into results select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'generation_id', c))).*
         from results r, unnest($2::uuid[]) c where r.generation_id = $1 returning id
       )
       insert into images select (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(), 'result_id', copies.id))).*
       from images i join results r on r.id = i.result_id and r.generation_id = $1, copies`,
      [originalId, ids],
    );
  });
