/** How many SQL statements a read takes, counted on the wire to PostgreSQL; it does not depend on the page size. */
import { randomUUID } from 'node:crypto';
import type { App } from '../../src/app.js';
import { startConfigured, startTestApp, type TestApp } from '../support/app.js';
import { type Answer, type Client, clientOf, signUp } from '../support/client.js';
import { copyGenerations, copyResults } from '../support/rows.js';
import { until } from '../support/until.js';
import { type ListeningProxy, startListeningProxy } from './listening-proxy.js';

/** Statements that only requests execute; the server's own loops read generations and backends all the time. */
const IS_OF_A_REQUEST =
  /^\s*select\b[\s\S]*(from "?(users|models|results|images)\b|from sessions s join users|order by g\.created_at|where g\.id = \$\d and|(count\(\*\)|coalesce\(sum\(number\), 0\))::int as total|exists \(select from generations g)/;

let first: TestApp;
let proxy: ListeningProxy;
/** On the same database, through the proxy. */
let app: App;
let alice: Client & { id: string };
/** COMPLETED, with a model and a result. */
let id: string;
let result: string;
beforeAll(async () => {
  first = await startTestApp();
  alice = await signUp(first.url);
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  id = data.createGeneration.id;
  result = await until(
    async () => (await alice.ask(`{ generation(id: "${id}") { result { id } } }`)).data.generation.result?.id,
    'the generation to have a result',
  );
  const copies = Array.from({ length: 30 }, () => ({ id: randomUUID() }));
  await copyGenerations(first.database.url, id, copies);
  await copyResults(
    first.database.url,
    id,
    copies.map(({ id }) => id),
  );
  proxy = await startListeningProxy(first.database.url);
  app = await startConfigured({ ...first.env, DATABASE_URL: proxy.url });
});
afterAll(async () => {
  await app?.close();
  await proxy?.close();
  await first?.close();
});

const PAGE = `query ($first: Int) {
  generations(first: $first) {
    totalCount pageInfo { hasNextPage hasPreviousPage }
    nodes {
      id status user { id email } model { id name available } workflow { id name inputs { name } }
      result { id createdAt generation { id user { id } } images { id url width height } }
    }
  }
}`;

async function statementsOf(query: string, variables = {}): Promise<{ data: Answer['data']; statements: string[] }> {
  proxy.statements.length = 0;
  const { data, errors } = await clientOf(app.url, alice.token).ask(query, variables);
  expect(errors).toBeUndefined();
  return { data, statements: proxy.statements.filter((sql) => IS_OF_A_REQUEST.test(sql)) };
}

test('twenty generations with user, model, result and images take as many statements as one', async () => {
  for (const first of [1, 20]) {
    const { data, statements: taken } = await statementsOf(PAGE, { first });
    const { nodes } = data.generations;
    expect(nodes).toHaveLength(first);
    expect(nodes.every(({ result }: { result: { images: unknown[] } }) => result.images.length > 0)).toBe(true);
    // The session, the page with models, results and images, its total, and the user.
    expect(taken).toHaveLength(4);
  }
});

const DETAILS = `id prompt model { id name available }
  result { id createdAt generation { id } images { id url filename width thumbHash } }`;

test.each<[what: string, query: string]>([
  [
    'a page of generations with models, results and images',
    `{ generations { edges { cursor node { ${DETAILS} } } nodes { ...F } pageInfo { hasNextPage endCursor } } }
     fragment F on Generation { ${DETAILS} }`,
  ],
  ['a generation with its model, result and images', `query ($id: ID!) { generation(id: $id) { ${DETAILS} } }`],
  ['the same as a node', `query ($id: ID!) { node(id: $id) { id ... on Generation { ${DETAILS} } } }`],
  [
    'a result as a node with its images',
    `query ($result: ID!) { node(id: $result) { ... on Result { createdAt images { url filename } } } }`,
  ],
  ['the viewer', '{ viewer { id email role createdAt } }'],
])('%s takes one statement, beside that of the session', async (_, query) => {
  const { data, statements } = await statementsOf(query, { id, result });
  expect(Object.values(data)).not.toContain(null);
  expect(statements).toHaveLength(2);
  expect(statements.filter((sql) => sql.includes('from sessions s'))).toHaveLength(1);
});
