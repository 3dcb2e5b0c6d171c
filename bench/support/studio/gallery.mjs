/** A user's gallery with real pictures: a few generations that were made, and copies of them. */
import { ask, until } from '../api.mjs';

const MADE = 20;
const UNFINISHED = '{ generations(first: 1, filter: { status: [PENDING, PROCESSING] }) { nodes { id } } }';

/** @param create creates a generation of the user */
export async function multiply({ url, database }, user, count, create) {
  for (let nth = 0; nth < MADE; nth += 1)
    await create(user, { prompt: `a lighthouse on a cliff above a calm sea ${nth}`, steps: 1, seed: String(nth) });
  await until(async () => (await ask(url, UNFINISHED, user)).generations.nodes.length === 0, 'the pictures are made');
  const copies = count - MADE;
  if (copies <= 0) return;
  await database.query(
    `with made as (
       select g.*, row_number() over () - 1 as nth from generations g where user_id = $1),
     copied as (
       insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, model_id, seed, parameters,
         created_at, started_at, completed_at, output_kinds)
       select gen_random_uuid(), user_id, status, waiting, prompt || ' ' || n, negative_prompt, workflow_name, workflow_version, model_id, seed,
         parameters, at, at, at, output_kinds
       from generate_series(1, $2::int) n join made on made.nth = n % $3,
         lateral (select now() - interval '1 day' - n * interval '1 minute' as at) t
       returning id, prompt),
     resulted as (
       insert into results (id, generation_id) select gen_random_uuid(), id from copied returning id, generation_id)
     insert into images (id, result_id, position, file, content_type, width, height, byte_size, thumb_hash, hash)
     select gen_random_uuid(), resulted.id, 0, i.file, i.content_type, i.width, i.height, i.byte_size,
       -- Each with a placeholder of its own, as pictures have.
       encode(substr(decode(i.thumb_hash, 'base64'), 1, 5) || substr(sha256(copied.id::text::bytea), 1, length(decode(i.thumb_hash, 'base64')) - 5), 'base64'), i.hash
     from resulted join copied on copied.id = resulted.generation_id
       join made on copied.prompt like made.prompt || ' %' join results r on r.generation_id = made.id join images i on i.result_id = r.id`,
    [user.id, copies, MADE],
  );
  await database.query('analyze');
}
