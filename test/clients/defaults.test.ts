/** Clients with default settings: only the address and the credential are set. */
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { createClient } from 'graphql-sse';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client as Account, signUp } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
let alice: Account & { id: string };
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const VIEWER = '{ viewer { id } }';
const CREATE = 'mutation { createGeneration(input: { prompt: "x", width: 64, height: 64, steps: 1 }) { id } }';
const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { id status } }';
const headers = () => ({ authorization: `Bearer ${alice.token}` });
const create = async (): Promise<string> => (await alice.ask(CREATE)).data.createGeneration.id;

test('urql queries by GET and mutates by POST', async () => {
  const methods: (string | undefined)[] = [];
  const client = new Client({
    url: `${app.url}/graphql`,
    fetchOptions: () => ({ headers: headers() }),
    fetch: (input, init) => {
      methods.push(init?.method);
      return fetch(input, init);
    },
    exchanges: [cacheExchange, fetchExchange],
  });
  const { data, error } = await client.query(VIEWER, {}).toPromise();
  expect(error).toBeUndefined();
  expect(data.viewer.id).toBe(alice.id);
  expect((await client.mutation(CREATE, {}).toPromise()).error).toBeUndefined();
  expect(methods).toEqual(['GET', 'POST']);
});

test('urql subscribes over HTTP at the same address', async () => {
  const client = new Client({
    url: `${app.url}/graphql`,
    fetchOptions: () => ({ headers: headers() }),
    fetchSubscriptions: true,
    exchanges: [fetchExchange],
  });
  const statuses: string[] = [];
  const watching = client.subscription(WATCH, { id: await create() }).subscribe(({ data, error }) => {
    expect(error).toBeUndefined();
    statuses.push(data.generationUpdated.status);
  });
  await until(() => statuses.at(-1) === 'COMPLETED', 'the watcher to see the end');
  watching.unsubscribe();
});

test.each([
  ['POST', {}],
  ['GET', { useGETForQueries: true }],
])('Apollo Client queries by %s', async (_, options) => {
  const link = new HttpLink({ uri: `${app.url}/graphql`, headers: headers(), ...options });
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  expect((await client.query({ query: gql(VIEWER) })).data).toMatchObject({ viewer: { id: alice.id } });
  client.stop();
});

test('Apollo Client sends persisted queries by GET', async () => {
  const link = ApolloLink.from([
    new PersistedQueryLink({
      sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
      useGETForHashedQueries: true,
    }),
    new HttpLink({ uri: `${app.url}/graphql`, headers: headers() }),
  ]);
  for (const _ of ['registered', 'found']) {
    const client = new ApolloClient({ cache: new InMemoryCache(), link });
    expect((await client.query({ query: gql(VIEWER) })).data).toMatchObject({ viewer: { id: alice.id } });
    client.stop();
  }
});

test('Apollo Client without a link for subscriptions gets an error that names the ways to subscribe', async () => {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: `${app.url}/graphql`, headers: headers() }),
  });
  const error = await new Promise<Error | undefined>((resolve, reject) => {
    client
      .subscribe({ query: gql(WATCH), variables: { id: '01890000-0000-7000-8000-000000000000' } })
      .subscribe({ next: (answer) => resolve(answer.error), error: reject });
  });
  expect(error?.message).toContain('graphql-transport-ws');
  client.stop();
});

test.each(['/graphql/stream', '/graphql'])('graphql-sse subscribes at %s', async (path) => {
  const client = createClient({ url: app.url + path, headers, retryAttempts: 0 });
  const statuses: unknown[] = [];
  for await (const { data } of client.iterate<{ generationUpdated: { status: string } }>({
    query: WATCH,
    variables: { id: await create() },
  }))
    statuses.push(data?.generationUpdated.status);
  expect(statuses.at(-1)).toBe('COMPLETED');
  client.dispose();
});
