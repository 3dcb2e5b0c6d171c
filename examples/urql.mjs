/** urql with Graphcache: queries over HTTP, subscriptions over the socket, and a gallery that follows creations, results and deletions. */
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { openSocket } from './socket.mjs';

const api = 'http://127.0.0.1:4000';

export const GALLERY = gql`query Gallery($after: String) {
  generations(first: 20, after: $after) {
    edges { cursor node { id status revision prompt result { id images { id url } } } }
    pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
  }
}`;
const CREATE = gql`mutation Create($input: CreateGenerationInput!) {
  createGeneration(input: $input) { id status revision prompt result { id images { id url } } }
}`;
const WATCH = gql`subscription Watch($id: ID!) {
  generationUpdated(id: $id) { id status revision result { id images { id url } } }
}`;
const DELETE = gql`mutation Delete($id: ID!) { deleteGeneration(id: $id) }`;

const none = () => null;
const cache = cacheExchange({
  // These have no id, for they are parts of what has one.
  keys: { GenerationConnection: none, GenerationEdge: none, PageInfo: none, Progress: none, Failure: none },
  resolvers: { Query: { generations: relayPagination() } },
  updates: {
    Mutation: {
      // A new generation has no place in a cached list until it is given one.
      createGeneration: ({ createGeneration: node }, _, cache) =>
        cache.updateQuery({ query: GALLERY }, (data) => {
          const edge = { __typename: 'GenerationEdge', cursor: '', node };
          return data && { ...data, generations: { ...data.generations, edges: [edge, ...data.generations.edges] } };
        }),
      deleteGeneration: (_, { id }, cache) =>
        cache.updateQuery({ query: GALLERY }, (data) => {
          const edges = data?.generations.edges.filter(({ node }) => node.id !== id);
          return data && { ...data, generations: { ...data.generations, edges } };
        }),
    },
  },
});

/** @param session the `accessToken` and `refreshToken` of signUp or signIn */
export function openUrql(session) {
  const socket = openSocket(session);
  const client = new Client({
    url: `${api}/graphql`,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${session.accessToken}` } }),
    exchanges: [
      cache,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
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

/** What a subscription brings is merged by its id: every list that shows it is updated. Calls back with each state. */
export const watch = (client, id, onState) =>
  client.subscription(WATCH, { id }).subscribe(({ data }) => onState(data?.generationUpdated));

export const remove = (client, id) => client.mutation(DELETE, { id }).toPromise();
