/**
 * Measures how long other clients wait while an attacker sends a hostile document repeatedly, one document at a time, over every
 * transport. Meanwhile a neighbour requests `{ __typename }`; the baseline is the same neighbour alone. Also measures documents just
 * within the limits, and some of them in every encoding of a request.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { BODIES, DOCUMENTS, text } from './hostile-documents.mjs';
import { FORMS, overEvents, overHttp, overSocket, PATHS, send } from './hostile-doors.mjs';
import { at, signUp, startServer } from './server.mjs';

const SECONDS = 1.5;
const MOST_MS = 250;
/** Documents that are expensive to parse, to validate, and to execute. */
const IN_EVERY_FORM = {
  '12 MB': 'x'.repeat(12 * 2 ** 20),
  '200,000 tokens': DOCUMENTS['200,000 tokens'],
  '29 doubling fragments': DOCUMENTS['29 doubling fragments'],
  'within: a page of 100, whole': DOCUMENTS['within: a page of 100, whole'],
};

const server = await startServer();
const { url } = server;
const neighbour = new Worker(new URL('neighbour.mjs', import.meta.url), { workerData: url });
const database = new pg.Client({ connectionString: server.databaseUrl });
const rows = [];
try {
  await database.connect();
  const { id, token } = await signUp(url, 'hostile@example.com');
  await fill(id);
  const quiet = await beside(() => new Promise((resolve) => setTimeout(resolve, SECONDS * 1000)), 1);
  rows.push({ what: 'nothing', door: '', answer: '', 'own ms': '', 'neighbour ms': quiet.slowest });
  for (const [what, body] of Object.entries(BODIES)) {
    await measure(what, 'HTTP', () => overHttp(url, token, body));
    await measure(what, 'WebSocket', () => overSocket(url, token, body));
    await measure(what, 'events', () => overEvents(url, token, body));
  }
  for (const [what, query] of Object.entries(IN_EVERY_FORM))
    for (const [form, request] of Object.entries(FORMS))
      for (const [door, path] of Object.entries(PATHS)) {
        const act = () => {
          const [search, options] = request(query);
          const headers = { authorization: `Bearer ${token}`, ...options.headers };
          return send(`${url}${path}${search}`, { ...options, headers });
        };
        await measure(what, `${door}, ${form}`, act);
      }
  const packed = gzipSync(Buffer.alloc(64 * 2 ** 20, '['));
  for (const [door, over] of Object.entries({ HTTP: overHttp, events: overEvents })) {
    const doubled = text(DOCUMENTS['29 doubling fragments']);
    await measure('29 doubling fragments, bad token', door, () => over(url, 'x', doubled));
    await measure('64 MB, packed', door, () => over(url, token, packed, { 'content-encoding': 'gzip' }));
    for (const charset of ['utf-7', 'ibm037', 'utf-16le', 'x-unknown'])
      await measure(`charset ${charset}`, door, () =>
        over(url, token, text('{ __typename }'), { 'content-type': `application/json; charset=${charset}` }),
      );
  }
  console.table(rows);
  const slow = rows.filter((row) => row['neighbour ms'] > MOST_MS);
  console.log(
    slow.length ? `${slow.length} kept a neighbour for more than ${MOST_MS} ms` : `no neighbour waited ${MOST_MS} ms`,
  );
} finally {
  await neighbour.terminate();
  await database.end();
  await server.close();
}

async function measure(what, door, act) {
  const { slowest, own, answer } = await beside(act);
  rows.push({ what, door, answer, 'own ms': own, 'neighbour ms': slowest });
}

/** Repeats the action while the neighbour sends its requests. */
async function beside(act, most = Number.POSITIVE_INFINITY) {
  neighbour.postMessage('start');
  const own = [];
  let answer;
  for (const start = performance.now(); performance.now() - start < SECONDS * 1000 && own.length < most; ) {
    const began = performance.now();
    answer = await act();
    own.push(performance.now() - began);
  }
  neighbour.postMessage('stop');
  const [slowest] = await once(neighbour, 'message');
  return { answer, own: Math.round(at(own, 0.5)), slowest: Math.round(slowest) };
}

/** A hundred generations with four pictures each. */
async function fill(userId) {
  await database.query(
    `insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, parameters, completed_at)
     select gen_random_uuid(), $1, 'COMPLETED', false, repeat('landscape ', 100), '', 'text-to-image', 1, '{}', now() from generate_series(1, 100)`,
    [userId],
  );
  await database.query('insert into results (id, generation_id) select gen_random_uuid(), id from generations');
  await database.query(
    `insert into images (id, result_id, position, file, content_type, width, height, byte_size)
     select gen_random_uuid(), r.id, n, 'ab/cd.png', 'image/png', 512, 512, 1000 from results r, generate_series(1, 4) n`,
  );
}
