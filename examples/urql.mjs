/** urql with Graphcache: queries over HTTP, subscriptions over the socket, and a gallery that follows creations, results and deletions. */
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { resumable } from './follow.mjs';
import { openSocket } from './socket.mjs';

const api = 'http://127.0.0.1:4000';

const FIELDS = 'id status revision prompt createdAt result { id images { id url } }';
export const GALLERY = gql`query Gallery($after: String) {
  generations(first: 20, after: $after) {
    edges { cursor node { ${FIELDS} } }
    pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
  }
}`;
const CREATE = gql`mutation Create($input: CreateGenerationInput!) { createGeneration(input: $input) { ${FIELDS} } }`;
const WATCH = gql`subscription Watch($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`;
const CHANGES = gql`subscription Changes($after: String) {
  generationsUpdated(after: $after) { kind cursor generationId generation { ${FIELDS} } }
}`;
const DELETE = gql`mutation Delete($id: ID!) { deleteGeneration(id: $id) }`;

/** Inserts a new generation into the cached list, which does not contain it otherwise; the newest comes first. */
const add = (cache, node) =>
  cache.updateQuery({ query: GALLERY }, (data) => {
    if (!data || data.generations.edges.some((edge) => edge.node.id === node.id)) return data;
    const place = (edge) => `${edge.node.createdAt} ${edge.node.id}`;
    const edges = [{ __typename: 'GenerationEdge', cursor: '', node }, ...data.generations.edges];
    edges.sort((one, other) => (place(one) < place(other) ? 1 : -1));
    return { ...data, generations: { ...data.generations, edges } };
  });

const cachedFields = (cache, ...names) =>
  cache.inspectFields('Query').filter(({ fieldName }) => names.includes(fieldName));

/** The cache stores each fetched page of the list separately. */
const drop = (cache, id) => {
  const gone = cache.keyOfEntity({ __typename: 'Generation', id });
  for (const { fieldKey } of cachedFields(cache, 'generations')) {
    const page = cache.resolve('Query', fieldKey);
    const edges = cache.resolve(page, 'edges');
    if (edges)
      cache.link(
        page,
        'edges',
        edges.filter((edge) => cache.resolve(edge, 'node') !== gone),
      );
  }
};

/** After missed changes the cache may be wrong: sends the watched queries again. */
const readAgain = (cache) => {
  for (const { fieldName, arguments: args } of cachedFields(cache, 'generations', 'generation'))
    cache.invalidate('Query', fieldName, args);
};

const none = () => null;
/** The cache merges generations by their id; these updates also change the list. */
const cache = cacheExchange({
  // These types have no id: they are parts of an object that has one.
  keys: {
    GenerationChange: none,
    GenerationConnection: none,
    GenerationEdge: none,
    PageInfo: none,
    Progress: none,
    Failure: none,
  },
  resolvers: { Query: { generations: relayPagination() } },
  updates: {
    Mutation: {
      createGeneration: ({ createGeneration }, _, cache) => createGeneration && add(cache, createGeneration),
      deleteGeneration: ({ deleteGeneration }, _, cache) => deleteGeneration && drop(cache, deleteGeneration),
    },
    Subscription: {
      generationsUpdated: ({ generationsUpdated: { kind, generationId, generation } }, _, cache) => {
        if (kind === 'CREATED') add(cache, generation);
        if (kind === 'DELETED') drop(cache, generationId);
        if (kind === 'GAP') readAgain(cache);
      },
    },
  },
});

/** @param session the `accessToken` and `refreshToken` of signUp or signIn */
export function openUrql(session) {
  const socket = openSocket(session);
  const stream = resumable(socket);
  const client = new Client({
    url: `${api}/graphql`,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${session.accessToken}` } }),
    exchanges: [
      cache,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: stream.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  return { client, socket };
}

export async function create(client, input) {
  const { data, error } = await client.mutation(CREATE, { input }).toPromise();
  if (error) throw error;
  return data.createGeneration.id;
}

/** Follows every change of the viewer's generations, by any client. */
export const follow = (client, onError = console.error) =>
  client.subscription(CHANGES, {}).subscribe(({ error }) => error && onError(error));

/** Follows one generation. Calls back with each state. */
export const watch = (client, id, onState) =>
  client.subscription(WATCH, { id }).subscribe(({ data }) => onState(data?.generationUpdated));

export const remove = (client, id) => client.mutation(DELETE, { id }).toPromise();
