/** Apollo Client: queries over HTTP, subscriptions over the socket, and a gallery that follows creations, results and deletions. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { openSocket } from './socket.mjs';

const api = 'http://127.0.0.1:4000';

export const GALLERY = gql`query Gallery($after: String) {
  generations(first: 20, after: $after) {
    edges { cursor node { id status revision prompt result { id images { id url } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CREATE = gql`mutation Create($input: CreateGenerationInput!) {
  createGeneration(input: $input) { id status revision prompt result { id } }
}`;
const WATCH = gql`subscription Watch($id: ID!) {
  generationUpdated(id: $id) { id status revision result { id images { id url } } }
}`;
const DELETE = gql`mutation Delete($id: ID!) { deleteGeneration(id: $id) }`;

/** @param session the `accessToken` and `refreshToken` of signUp or signIn */
export function openApollo(session) {
  const socket = openSocket(session);
  const authorize = new SetContextLink(({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${session.accessToken}` },
  }));
  const isSubscription = ({ query }) => getMainDefinition(query).operation === 'subscription';
  const client = new ApolloClient({
    // One list, whichever pages of it were fetched; leave out of it what was evicted.
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { generations: relayStylePagination() } } } }),
    link: ApolloLink.split(
      isSubscription,
      new GraphQLWsLink(socket),
      authorize.concat(new HttpLink({ uri: `${api}/graphql` })),
    ),
  });
  return { client, socket };
}

/** A new generation has no place in a cached list until it is given one. */
export async function create(client, input) {
  const { data } = await client.mutate({
    mutation: CREATE,
    variables: { input },
    update: (cache, { data }) =>
      cache.modify({
        fields: {
          generations: (list, { toReference }) => {
            const node = toReference({ __typename: 'Generation', id: data.createGeneration.id });
            return { ...list, edges: [{ __typename: 'GenerationEdge', cursor: '', node }, ...list.edges] };
          },
        },
      }),
  });
  return data.createGeneration.id;
}

/** What a subscription brings is merged by its id: every list that shows it is updated. Resolves at its end. */
export const watch = (client, id) =>
  new Promise((complete, error) => {
    client.subscribe({ query: WATCH, variables: { id } }).subscribe({ error, complete });
  });

export const remove = (client, id) =>
  client.mutate({
    mutation: DELETE,
    variables: { id },
    update: (cache) => {
      cache.evict({ id: cache.identify({ __typename: 'Generation', id }) });
      cache.gc();
    },
  });
