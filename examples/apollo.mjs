/** Apollo Client: queries over HTTP, subscriptions over the socket, and a gallery that follows creations, results and deletions. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { resumable } from './follow.mjs';
import { openSocket } from './socket.mjs';

const api = 'http://127.0.0.1:4000';

const FIELDS = 'id status revision prompt createdAt result { id images { id url } }';
export const GALLERY = gql`query Gallery($after: String) {
  generations(first: 20, after: $after) {
    edges { cursor node { ${FIELDS} } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CREATE = gql`mutation Create($input: CreateGenerationInput!) { createGeneration(input: $input) { ${FIELDS} } }`;
const WATCH = gql`subscription Watch($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`;
const CHANGES = gql`subscription Changes($after: String) {
  generationsUpdated(after: $after) { kind cursor generationId generation { ${FIELDS} } }
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
    // Merge all fetched pages into one list, without evicted generations.
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { generations: relayStylePagination() } } } }),
    link: ApolloLink.split(
      isSubscription,
      new GraphQLWsLink(resumable(socket)),
      authorize.concat(new HttpLink({ uri: `${api}/graphql` })),
    ),
  });
  return { client, socket };
}

/** Inserts a new generation into the cached list, which does not contain it otherwise; the newest comes first. */
const add = (cache, generation) =>
  cache.modify({
    fields: {
      generations: (list, { readField, toReference }) => {
        const node = toReference(generation);
        if (list.edges.some((edge) => readField('id', edge.node) === generation.id)) return list;
        const place = (edge) => `${readField('createdAt', edge.node)} ${readField('id', edge.node)}`;
        const edges = [{ __typename: 'GenerationEdge', cursor: '', node }, ...list.edges];
        return { ...list, edges: edges.sort((one, other) => (place(one) < place(other) ? 1 : -1)) };
      },
    },
  });

const drop = (cache, id) => {
  cache.evict({ id: cache.identify({ __typename: 'Generation', id }) });
  cache.gc();
};

/** After missed changes the cache may be wrong: sends the watched queries again. */
const readAgain = (client) =>
  client.refetchQueries({
    updateCache: (cache) => {
      for (const fieldName of ['generations', 'generation']) cache.evict({ id: 'ROOT_QUERY', fieldName });
      cache.gc();
    },
  });

/** Follows every change of the viewer's generations, by any client. The cache merges each change by the generation's id before `next` runs. */
export const follow = (client, onError = console.error) =>
  client.subscribe({ query: CHANGES }).subscribe({
    next: ({ data, error }) => {
      if (error) return onError(error);
      const { kind, generationId, generation } = data.generationsUpdated;
      if (kind === 'CREATED') add(client.cache, generation);
      if (kind === 'DELETED') drop(client.cache, generationId);
      if (kind === 'GAP') readAgain(client).catch(onError);
    },
    error: onError,
  });

export async function create(client, input) {
  const { data } = await client.mutate({
    mutation: CREATE,
    variables: { input },
    update: (cache, { data }) => add(cache, data.createGeneration),
  });
  return data.createGeneration.id;
}

/** Follows one generation. The cache merges each event by its id, so that every list shows it. Resolves when the generation has ended. */
export const watch = (client, id) =>
  new Promise((complete, error) => {
    client.subscribe({ query: WATCH, variables: { id } }).subscribe({ error, complete });
  });

export const remove = (client, id) =>
  client.mutate({ mutation: DELETE, variables: { id }, update: (cache) => drop(cache, id) });
