/**
 * The limits of a job: a script that posts prompts to ComfyUI, follows the socket, and saves the picture. Keeps `depth` prompts in the queue.
 * If it is durable, it also does what no server can omit that loses no job: it inserts a row before the prompt, decodes the picture and
 * makes its placeholder, flushes the file, and writes the end into the row.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import WebSocket from 'ws';
import { answer, ready } from '../support/process/answer.mjs';

const TABLE = `create schema if not exists bare; create table if not exists bare.jobs (
  id uuid primary key, graph json not null, created_at timestamptz not null default now(), file text, hash text, thumb_hash text, ended_at timestamptz)`;
const INSERT = 'insert into bare.jobs (id, graph) values ($1, $2)';
const END = 'update bare.jobs set file = $2, hash = $3, thumb_hash = $4, ended_at = now() where id = $1';
const THUMB_SIDE = 32;

const { COMFYUI_URL, FOLDER, DATABASE_URL } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
// Ends when the database is dropped.
pool.on('error', () => {});
await pool.query(TABLE);
const agent = new Agent({ keepAlive: true });
const clientId = randomUUID();
const ended = new Map();

const socket = new WebSocket(`${COMFYUI_URL.replace('http', 'ws')}/ws?clientId=${clientId}`);
socket.on('message', (data, isBinary) => {
  if (isBinary) return;
  const { type, data: content } = JSON.parse(data);
  if (type === 'execution_success') ended.get(content.prompt_id)?.();
});
await new Promise((resolve) => socket.once('open', resolve));
await mkdir(FOLDER, { recursive: true });

answer({
  /** Runs prompts of this graph. @returns the ms that each took, and the ms of all */
  async run({ graph, count, depth, isDurable = false }) {
    const taken = [];
    let left = count;
    const start = performance.now();
    const client = async () => {
      while (left > 0) {
        left -= 1;
        taken.push(await job(graph, isDurable));
      }
    };
    await Promise.all(Array.from({ length: depth }, client));
    return { taken, totalMs: performance.now() - start };
  },
});
process.on('exit', () => socket.terminate());
ready('');

async function job(graph, isDurable) {
  const start = performance.now();
  const id = randomUUID();
  if (isDurable) await pool.query({ name: 'insert', text: INSERT, values: [id, JSON.stringify(graph)] });
  const end = new Promise((resolve) => ended.set(id, resolve));
  await ask('POST', '/prompt', JSON.stringify({ prompt: graph, prompt_id: id, client_id: clientId }));
  await end;
  ended.delete(id);
  const history = JSON.parse(await ask('GET', `/history/${id}`))[id];
  for (const { images = [] } of Object.values(history.outputs))
    for (const image of images) {
      const file = join(FOLDER, `${id}.png`);
      const picture = await ask('GET', `/view?${new URLSearchParams(image)}`);
      if (isDurable) await keep(id, file, picture);
      else await writeFile(file, picture);
      await rm(file);
    }
  return performance.now() - start;
}

async function keep(id, file, picture) {
  const [{ data, info }] = await Promise.all([
    sharp(picture)
      .resize(THUMB_SIDE, THUMB_SIDE, { fit: 'inside' })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true }),
    writeFile(file, picture, { flush: true }),
  ]);
  const hash = createHash('sha256').update(picture).digest('hex');
  const thumbHash = Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
  await pool.query({ name: 'end', text: END, values: [id, file, hash, thumbHash] });
}

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${COMFYUI_URL}${path}`, { method, agent, headers: { 'content-type': 'application/json' } });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks));
    });
    sent.end(body);
  });
}
