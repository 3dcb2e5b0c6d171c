/** The number of SQL statements does not depend on the page size: counted on the wire to PostgreSQL. */
import { randomUUID } from 'node:crypto';
import type { App } from '../../src/app.js';
import { startConfigured, startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { copyGenerations, copyResults } from '../support/rows.js';
import { until } from '../support/until.js';
import { type ListeningProxy, startListeningProxy } from './listening-proxy.js';

/** Statements that only requests execute; the server's own loops read generations and backends all the time. */
const IS_OF_A_REQUEST =
  /^\s*select\b[\s\S]*(from "?(users|models|results)\b|order by g\.created_at|count\(\*\)::int as total|exists \(select from generations g)/;

let first: TestApp;
let proxy: ListeningProxy;
/** On the same database, through the proxy. */
let app: App;
let alice: Client & { id: string };
beforeAll(async () => {
  first = await startTestApp();
  alice = await signUp(first.url);
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  const { id } = data.createGeneration;
  await until(
    async () => (await alice.ask(`{ generation(id: "${id}") { status } }`)).data.generation.status === 'COMPLETED',
    'the generation to be COMPLETED',
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

async function statementsOf(size: number): Promise<string[]> {
  proxy.statements.length = 0;
  const { data, errors } = await clientOf(app.url, alice.token).ask(PAGE, { first: size });
  expect(errors).toBeUndefined();
  expect(data.generations.nodes).toHaveLength(size);
  expect(data.generations.nodes.every((node: { result: { images: unknown[] } }) => node.result.images.length > 0)).toBe(
    true,
  );
  return proxy.statements.filter((sql) => IS_OF_A_REQUEST.test(sql));
}

test('twenty generations with user, model, result and images take as many statements as one', async () => {
  const forOne = await statementsOf(1);
  const forTwenty = await statementsOf(20);
  expect(forTwenty).toHaveLength(forOne.length);
  // The page, its total, users, models, results and images.
  expect(forTwenty).toHaveLength(6);
});
