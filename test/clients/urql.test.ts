/** urql with its auth exchange, configured as in a frontend: expired access tokens over HTTP and WebSocket. */
import {
  type AnyVariables,
  Client,
  type ExecutionResult,
  fetchExchange,
  gql,
  subscriptionExchange,
  type TypedDocumentNode,
} from '@urql/core';
import { authExchange } from '@urql/exchange-auth';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../support/app.js';
import { overHttp, signUp } from '../support/client.js';
import { until } from '../support/until.js';

/** Shorter than a generation takes. */
const ACCESS_TOKEN_SECONDS = '1';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { ACCESS_TOKEN_SECONDS } });
});
afterAll(() => app?.close());

type Tokens = { accessToken: string; refreshToken: string };

const REFRESH = `mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }`;

/** A frontend that is signed in with these tokens and refreshes them. */
function openFrontend(tokens: Tokens) {
  const counts = { refreshes: 0, sockets: 0 };
  let refreshing: Promise<void> | undefined;
  const refresh = () => {
    // One refresh at a time: a refresh token can be used once.
    refreshing ??= (async () => {
      const { data } = await overHttp(app.url).ask(REFRESH, { token: tokens.refreshToken });
      Object.assign(tokens, data.refreshSession);
      counts.refreshes += 1;
    })().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };
  let isStale = false;
  const socket = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryWait: async () => {},
    connectionParams: async () => {
      if (isStale) await refresh();
      isStale = false;
      return { authorization: `Bearer ${tokens.accessToken}` };
    },
    on: {
      connected: () => {
        counts.sockets += 1;
      },
      closed: (event) => {
        // The token has expired: reconnect with a new one.
        if ((event as { code?: number }).code === 4403) isStale = true;
      },
    },
  });
  const client = new Client({
    url: `${app.url}/graphql`,
    preferGetMethod: false,
    exchanges: [
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation: (operation) => appendHeaders(operation, { authorization: `Bearer ${tokens.accessToken}` }),
        didAuthError: (error) => error.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED'),
        refreshAuth: refresh,
      })),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: query ?? '', variables: variables ?? null },
              { ...sink, next: (result) => sink.next(result as ExecutionResult) },
            ),
          }),
        }),
      }),
    ],
  });
  return { client, counts, close: () => socket.dispose() };
}

async function signIn(): Promise<Tokens> {
  const { email } = await signUp(app.url);
  const { data } = await overHttp(app.url).ask(
    `mutation ($email: String!) {
       signIn(input: { email: $email, password: "correct horse battery" }) { accessToken refreshToken }
     }`,
    { email },
  );
  return data.signIn;
}

const document = <Data>(text: string) => gql(text) as unknown as TypedDocumentNode<Data, AnyVariables>;
const CREATE = document<{ createGeneration: { id: string } }>(
  'mutation { createGeneration(input: { prompt: "a harbour", width: 64, height: 64, steps: 4 }) { id } }',
);
const WATCH = document<{ generationUpdated: { status: string } }>(
  'subscription ($id: ID!) { generationUpdated(id: $id) { id status revision } }',
);
const LIST = document<{
  generations: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
}>(
  'query ($after: String) { generations(first: 1, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }',
);

/** Waits until the server rejects this token. */
const expired = (token: string) =>
  until(async () => {
    const { errors } = await overHttp(app.url, token).ask('{ viewer { id } }');
    return errors?.[0]?.extensions.code === 'UNAUTHENTICATED';
  }, 'the access token to expire');

test('urql refreshes expired tokens while it creates, watches to the end and pages', async () => {
  const tokens = await signIn();
  const { client, counts, close } = openFrontend(tokens);
  try {
    await expired(tokens.accessToken);
    app.simulator.hold();
    const created = await client.mutation(CREATE, {}).toPromise();
    expect(created.error).toBeUndefined();
    expect(counts.refreshes).toBeGreaterThan(0);
    const id = created.data?.createGeneration.id;

    const statuses: string[] = [];
    const watching = client.subscription(WATCH, { id }).subscribe(({ data }) => {
      if (data) statuses.push(data.generationUpdated.status);
    });
    // The socket's token expires while the generation is held: the server closes the socket, and urql reconnects with a new token.
    await until(() => counts.sockets >= 2, 'the socket to reconnect');
    app.simulator.release();
    await until(() => statuses.at(-1) === 'COMPLETED', 'the watcher to see the end');
    watching.unsubscribe();

    await expired(tokens.accessToken);
    await client.mutation(CREATE, {}).toPromise();
    const ids = new Set<string>();
    for (let after: string | null = null; ; ) {
      const { data, error } = await client.query(LIST, { after }).toPromise();
      expect(error).toBeUndefined();
      for (const node of data?.generations.nodes ?? []) ids.add(node.id);
      if (!data?.generations.pageInfo.hasNextPage) break;
      after = data.generations.pageInfo.endCursor;
    }
    expect(ids.size).toBe(2);
  } finally {
    app.simulator.release();
    await close();
  }
});
