/** A user's gallery: the page that the measurements read, and finished generations with a model, a result and one image each. */

/** The first page of 20: about 14.8 kB. */
export const PAGE = `query { generations(first: 20) {
  nodes { id status prompt negativePrompt seed createdAt completedAt model { id name }
    result { id images { id url width height contentType byteSize thumbHash } } }
  pageInfo { hasNextPage endCursor } } }`;
export const PAGE_BODY = JSON.stringify({ query: PAGE });

const PROMPT = 'a lighthouse on a cliff above a calm sea at dusk, warm light in its window, long exposure';
export const MODEL = { id: '0d6c3c1e-7c52-4e39-9d6b-3f0d3a2b1c01', name: 'bench-model' };

/** @param spacing between the times of creation, as an interval */
export async function fillGallery({ query }, userId, count, spacing = '1 second') {
  await query(
    `insert into models (id, kind, name, filename) values ($1, 'CHECKPOINT', $2, $2 || '.safetensors') on conflict do nothing`,
    [MODEL.id, MODEL.name],
  );
  // The triggers count what waits, and nothing here waits: without them a million rows take seconds.
  await query('alter table generations disable trigger user');
  await query(
    `insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, model_id, seed, parameters,
       created_at, started_at, completed_at, output_kinds)
     select gen_random_uuid(), $1, 'COMPLETED', false, $2 || ' ' || n, 'blurry, text', 'text-to-image', 1, $3, n, '{}', at, at, at, 1
     from generate_series(1, $4::int) n, lateral (select now() - ($4 - n) * $5::interval as at) t`,
    [userId, PROMPT, MODEL.id, count, spacing],
  );
  await query('alter table generations enable trigger user');
  await query(
    `insert into generation_counts
     select user_id, status, model_id, workflow_name, count(*), coalesce((created_at at time zone 'UTC')::date, 'infinity'),
       min(completed_at), max(completed_at), output_kinds
     from generations where user_id = $1
     group by user_id, status, model_id, workflow_name, output_kinds, rollup ((created_at at time zone 'UTC')::date)`,
    [userId],
  );
  await query('vacuum analyze generations');
}

/** Does what the cleaner does with the prompts of new generations. */
export async function indexPrompts({ query }, userId) {
  await query(
    `with placed as (
       select id, (row_number() over (order by created_at) - 1) / 8192 as nth, status, model_id, workflow_name, output_kinds, created_at, completed_at,
         folded(prompt) as folded
       from generations where user_id = $1),
     blocks as (
       insert into search_blocks (user_id, number, first_created, last_created, first_completed, last_completed)
       select $1, count(*), min(created_at), max(created_at), min(completed_at), max(completed_at) from placed group by nth
       returning id, first_created, last_created)
     insert into search_texts
     select p.id, b.id, p.status, p.model_id, p.workflow_name, p.output_kinds, p.created_at, p.completed_at, p.folded
     from placed p join blocks b on p.created_at between b.first_created and b.last_created
    -- The cleaner of the server has placed what was changed since.
    on conflict (id) do nothing`,
    [userId],
  );
  await query('vacuum analyze search_texts');
}

/** Gives each generation of a user a result with one image. */
export async function addResults({ query }, userId) {
  await query(
    `insert into results (id, generation_id) select gen_random_uuid(), id from generations where user_id = $1`,
    [userId],
  );
  await query(
    `insert into blobs (file, user_id, hash, byte_size)
     select $1::text || '/' || md5(r.id::text) || '.png', $1::uuid, md5(r.id::text), 412345
     from results r join generations g on g.id = r.generation_id where g.user_id = $1::uuid`,
    [userId],
  );
  await query(
    `insert into images (id, result_id, position, file, content_type, width, height, byte_size, thumb_hash, hash)
     select gen_random_uuid(), r.id, 0, $1::text || '/' || md5(r.id::text) || '.png', 'image/png', 512, 512, 412345, '1QcSHQRnh493V4dIh4eXh1h4kJUI', md5(r.id::text)
     from results r join generations g on g.id = r.generation_id where g.user_id = $1::uuid`,
    [userId],
  );
  for (const table of ['results', 'images', 'blobs']) await query(`analyze ${table}`);
}
