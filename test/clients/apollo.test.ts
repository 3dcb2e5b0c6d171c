/** Apollo Client 4, configured as in a frontend. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

/** A frontend: its token storage, its client and `close`. */
function openFrontend() {
  const storage: { token?: string } = {};
  const authorization = () => (storage.token ? { authorization: `Bearer ${storage.token}` } : {});
  const socket = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: authorization,
  });
  const http = ApolloLink.from([
    new SetContextLink(({ headers }) => ({ headers: { ...headers, ...authorization() } })),
    new HttpLink({ uri: `${app.url}/graphql` }),
  ]);
  const client = new ApolloClient({
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { generations: relayStylePagination() } } },
    }),
    link: ApolloLink.split(
      ({ query }) => {
        const definition = getMainDefinition(query);
        return definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
      },
      new GraphQLWsLink(socket),
      http,
    ),
  });
  return {
    storage,
    client,
    close: async () => {
      client.stop();
      await socket.dispose();
    },
  };
}

type SignIn = { signIn: { accessToken: string; user: { id: string; email: string } } };
type Created = { createGeneration: { id: string; status: string } };
type Watched = { generationUpdated: { id: string; status: string; result: { images: { url: string }[] } | null } };
type Page = {
  generations: {
    edges: { cursor: string; node: { id: string } }[];
    pageInfo: { endCursor: string | null; hasNextPage: boolean };
    totalCount: number;
  };
};

const SIGN_IN = gql`
  mutation ($email: String!) {
    signIn(input: { email: $email, password: "correct horse battery" }) { accessToken user { id email } }
  }`;
const CREATE = gql`
  mutation ($prompt: String!) {
    createGeneration(input: { prompt: $prompt, width: 64, height: 64, steps: 2 }) { id status }
  }`;
const WATCH = gql`
  subscription ($id: ID!) { generationUpdated(id: $id) { id status result { id images { id url } } } }`;
const LIST = gql`
  query ($after: String) {
    generations(first: 2, after: $after) {
      edges { cursor node { id status prompt } }
      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
      totalCount
    }
  }`;

test('Apollo Client signs in, creates generations, watches them to the end and pages through them', async () => {
  const { email } = await signUp(app.url);
  const { storage, client, close } = openFrontend();
  try {
    const session = await client.mutate<SignIn>({ mutation: SIGN_IN, variables: { email } });
    expect(session.data?.signIn.user.email).toBe(email);
    storage.token = session.data?.signIn.accessToken ?? '';

    for (const prompt of ['one', 'two', 'three', 'four', 'five']) {
      const created = await client.mutate<Created>({ mutation: CREATE, variables: { prompt } });
      const id = created.data?.createGeneration.id ?? '';
      const seen = await new Promise<string[]>((resolve, reject) => {
        const statuses: string[] = [];
        client.subscribe<Watched>({ query: WATCH, variables: { id } }).subscribe({
          next: ({ data, error }) => {
            if (error) reject(error);
            if (data) statuses.push(data.generationUpdated.status);
          },
          error: reject,
          complete: () => resolve(statuses),
        });
      });
      expect(seen.at(-1)).toBe('COMPLETED');
    }

    const list = client.watchQuery<Page>({ query: LIST, variables: {} });
    const watching = list.subscribe(() => {});
    const page = () => client.readQuery<Page>({ query: LIST, variables: {} })?.generations;
    await until(page, 'the first page');
    while (page()?.pageInfo.hasNextPage) await list.fetchMore({ variables: { after: page()?.pageInfo.endCursor } });
    watching.unsubscribe();
    const edges = page()?.edges ?? [];
    expect(edges).toHaveLength(5);
    expect(new Set(edges.map(({ node }) => node.id)).size).toBe(5);
    expect(page()?.totalCount).toBe(5);
  } finally {
    await close();
  }
});

test('Apollo Client gets the code of an API error', async () => {
  const { client, close } = openFrontend();
  try {
    const answer = await client.query({ query: LIST, errorPolicy: 'all' });
    expect(answer.error).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  } finally {
    await close();
  }
});
