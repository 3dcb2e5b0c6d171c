/**
 * How long others wait while somebody sends a hostile document: each again and again for a while, one at a time, over HTTP and over
 * WebSocket, and meanwhile a neighbour who asks for `{ __typename }`, beside the same neighbour alone. Also what is just within the limits.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { getIntrospectionQuery } from 'graphql';
import pg from 'pg';
import WebSocket from 'ws';
import { at, signUp, startServer } from './server.mjs';

const SECONDS = 1.5;
const MOST_MS = 250;

const times = (count, text) => Array.from({ length: count }, (_, index) => text(index)).join(' ');
const doubling = (count) =>
  `{ ...F0 } ${times(count, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${count} on Query { __typename }`;
const chain = (count) =>
  `{ ...F0 } ${times(count, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F${count} on Query { __typename }`;
const PAGE = `generations(first: 100) { nodes { id status prompt createdAt errorMessage progress { fraction } failure { code } user { email }
  result { id images { id url download: url(download: true) thumbHash width height contentType byteSize } } } }`;
const TYPE = 'kind name ofType { kind name ofType { kind name ofType { kind name } } }';

const DOCUMENTS = {
  '101 aliases': `{ ${times(101, (i) => `a${i}: __typename`)} }`,
  '10,000 aliases': `{ ${times(10_000, (i) => `a${i}: __typename`)} }`,
  '10 directives': `{ __typename ${'@aa'.repeat(10)} }`,
  '300 unknown fields': `{ ${times(300, (i) => `viewr${i}`)} }`,
  '490 fields side by side': `{ ${times(490, (i) => `viewer { x${i} }`)} }`,
  '700 times one field': `{ viewer { ${times(700, () => 'id')} } }`,
  '2,000 nested braces': `${'{ a '.repeat(2_000)}${'}'.repeat(2_000)}`,
  '360 nested fields': `{ generations { nodes ${'{ retryOf '.repeat(360)}{ id }${'}'.repeat(360)} } }`,
  '20,000 nested brackets': `{ generation(id: ${'['.repeat(20_000)}) { id } }`,
  '400 times the schema': `{ ${times(400, (i) => `s${i}: __schema { types { fields { name } } }`)} }`,
  'round through the schema': `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
  '18 doubling fragments': doubling(18),
  '29 doubling fragments': doubling(29),
  '1,000 chained fragments': chain(1_000),
  'a circle of fragments': '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  '5,000 variables': `query (${times(5_000, (i) => `$v${i}: Int`)}) { __typename }`,
  '2,000 operations': times(2_000, (i) => `query Q${i} { __typename }`),
  '200,000 tokens': `{ ${'a '.repeat(200_000 / 2)} }`,
  'a tower': `{ generations(first: 100) { nodes { ${'result { generation { '.repeat(4)}id${' } }'.repeat(4)} } } }`,
  '30 pages of 100': `{ ${times(30, (i) => `p${i}: ${PAGE}`)} }`,
  'within: 14 doubling fragments': doubling(14),
  'within: a page of 100, whole': `{ ${PAGE} }`,
  'within: 19 counts': `{ ${times(19, (i) => `t${i}: generations { totalCount }`)} }`,
  'within: the schema twice': `{ a: __schema { ...S } b: __schema { ...S } }
    fragment S on __Schema { types { kind name description fields(includeDeprecated: true) { name description args { name type { ${TYPE} } } type { ${TYPE} } } inputFields { name type { ${TYPE} } } enumValues { name description } } }`,
  'the schema, 29 times its fields': `{ __schema { types { ${times(29, (i) => `f${i}: fields { name args { name type { ${TYPE} } } type { ${TYPE} } }`)} } } }`,
  'within: the schema as GraphiQL asks': getIntrospectionQuery(),
};
const text = (query, more = {}) => JSON.stringify({ query, ...more });
const BODIES = {
  'a batch of 10': `[${Array(10).fill(text('{ __typename }')).join()}]`,
  'a body of 12 MB': text('x'.repeat(12 * 2 ** 20)),
  'a prototype': '{"query":"{ __typename }","variables":{"__proto__":{"x":1}},"extensions":{"__proto__":{"x":1}}}',
  '50,000 nested lists': `{"query":"{ __typename }","variables":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
};

/** Of the first error. */
const codeOf = (answer) => /"code":"([A-Z_]+)"/.exec(answer)?.[1] ?? 'data';

const server = await startServer();
const neighbour = new Worker(new URL('neighbour.mjs', import.meta.url), { workerData: server.url });
const database = new pg.Client({ connectionString: server.databaseUrl });
const rows = [];
try {
  await database.connect();
  const { id, token } = await signUp(server.url, 'hostile@example.com');
  await fill(id);
  const quiet = await beside(() => new Promise((resolve) => setTimeout(resolve, SECONDS * 1000)), 1);
  rows.push({ what: 'nothing', door: '', answer: '', 'own ms': '', 'neighbour ms': quiet.slowest });
  const bodies = {
    ...Object.fromEntries(Object.entries(DOCUMENTS).map(([name, query]) => [name, text(query)])),
    ...BODIES,
  };
  for (const [what, body] of Object.entries(bodies)) {
    await measure(what, 'HTTP', () => post(body, { authorization: `Bearer ${token}` }));
    await measure(what, 'WebSocket', () => overSocket(token, body));
  }
  const doubled = text(DOCUMENTS['29 doubling fragments']);
  await measure('29 doubling fragments, bad token', 'HTTP', () => post(doubled, { authorization: 'Bearer x' }));
  const packed = gzipSync(Buffer.alloc(64 * 2 ** 20, '['));
  await measure('64 MB, packed', 'HTTP', () => post(packed, { 'content-encoding': 'gzip' }));
  for (const charset of ['utf-7', 'ibm037', 'utf-16le', 'x-unknown'])
    await measure(`charset ${charset}`, 'HTTP', () =>
      post(text('{ __typename }'), { 'content-type': `application/json; charset=${charset}` }),
    );
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

/** Acts again and again, while the neighbour asks. */
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

/** @returns the status, and the code of the first error */
async function post(body, headers = {}) {
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  }).catch(() => undefined);
  if (!answer) return 'cut off';
  return `${answer.status} ${codeOf(await answer.text())}`;
}

/** @returns the type of the answer with the code of its first error, or how the socket closed */
function overSocket(token, body) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', (code) => resolve(`closed ${code}`));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data) => {
      const answer = String(data);
      if (answer.startsWith('{"type":"connection_ack"'))
        return socket.send(`{"id":"1","type":"subscribe","payload":${body}}`);
      resolve(`${/"type":"(\w+)"/.exec(answer)?.[1]} ${codeOf(answer)}`);
      socket.close();
    });
  });
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
