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
    // One list, whichever pages of it were fetched; leave out of it what was evicted.
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { generations: relayStylePagination() } } } }),
    link: ApolloLink.split(
      isSubscription,
      new GraphQLWsLink(resumable(socket)),
      authorize.concat(new HttpLink({ uri: `${api}/graphql` })),
    ),
  });
  return { client, socket };
}

/** A new generation has no place in a cached list until it is given one; the newest comes first. */
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

/** Changes are missing, so that nothing cached is sure any more. Queries that are being watched are sent again. */
const readAgain = (client) =>
  client.refetchQueries({
    updateCache: (cache) => {
      for (const fieldName of ['generations', 'generation']) cache.evict({ id: 'ROOT_QUERY', fieldName });
      cache.gc();
    },
  });

/** Every change of the viewer's generations, whoever makes it. A change is merged by the generation's id before `next` has it. */
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

/** One generation: what the subscription brings is merged by its id, and every list that shows it is updated. Resolves at its end. */
export const watch = (client, id) =>
  new Promise((complete, error) => {
    client.subscribe({ query: WATCH, variables: { id } }).subscribe({ error, complete });
  });

export const remove = (client, id) =>
  client.mutate({ mutation: DELETE, variables: { id }, update: (cache) => drop(cache, id) });
