/** The limit of a page: node:http and pg, one SELECT, and the same bytes as the API's response. */
import { createServer } from 'node:http';
import pg from 'pg';
import { ready } from '../support/process/answer.mjs';

const SELECT = `select g.id, g.status, g.prompt, g.negative_prompt, g.seed, g.created_at, g.completed_at,
    m.id as model_id, m.name as model_name, r.id as result_id,
    i.id as image_id, i.width, i.height, i.content_type, i.byte_size::float8 as byte_size, i.thumb_hash
  from generations g join models m on m.id = g.model_id join results r on r.generation_id = g.id join images i on i.result_id = r.id
  where g.user_id = $1 and g.deleted_at is null order by g.created_at desc, g.id desc limit 21`;
/** Stands for a signature and a cursor: only the bytes count. */
const FILLER = 'x'.repeat(64);

const { DATABASE_URL, USER_ID, POOL_SIZE, URL_LENGTH, CURSOR_LENGTH } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE) });

createServer((request, response) => {
  request.resume();
  request.on('end', async () => {
    const { rows } = await pool.query({ name: 'page', text: SELECT, values: [USER_ID] });
    const nodes = rows.slice(0, 20).map((row) => ({
      id: row.id,
      status: row.status,
      prompt: row.prompt,
      negativePrompt: row.negative_prompt,
      seed: row.seed,
      createdAt: row.created_at,
      completedAt: row.completed_at,
      model: { id: row.model_id, name: row.model_name },
      result: {
        id: row.result_id,
        images: [
          {
            id: row.image_id,
            url: `/images/${row.image_id}.png?expires=`.padEnd(Number(URL_LENGTH), FILLER),
            width: row.width,
            height: row.height,
            contentType: row.content_type,
            byteSize: row.byte_size,
            thumbHash: row.thumb_hash,
          },
        ],
      },
    }));
    const pageInfo = { hasNextPage: rows.length > 20, endCursor: FILLER.repeat(4).slice(0, Number(CURSOR_LENGTH)) };
    // Apollo ends a response with a new line.
    const body = `${JSON.stringify({ data: { generations: { nodes, pageInfo } } })}\n`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}).listen(0, '127.0.0.1', function () {
  ready(`http://127.0.0.1:${this.address().port}`);
});
