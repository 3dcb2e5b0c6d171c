/** The limit of a creation: node:http and pg, one INSERT of the same columns, durable, into bare.generations, which has no triggers
 * and no index but its key. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { ready } from '../support/process/answer.mjs';

const INSERT = `insert into bare.generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, seed, parameters)
  values ($1, $2, $3, '', 'text-to-image', 1, $4, $5) returning id, status, created_at`;

const { DATABASE_URL, USER_ID, POOL_SIZE } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE) });

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { prompt, ...parameters } = JSON.parse(Buffer.concat(chunks)).variables.input;
    const values = [randomUUID(), USER_ID, prompt, Math.floor(Math.random() * 2 ** 32), parameters];
    const { rows } = await pool.query({ name: 'insert', text: INSERT, values });
    const [{ id, status, created_at: createdAt }] = rows;
    const body = JSON.stringify({ data: { createGeneration: { id, status, createdAt } } });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}).listen(0, '127.0.0.1', function () {
  ready(`http://127.0.0.1:${this.address().port}`);
});
