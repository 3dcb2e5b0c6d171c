/** Relay: queries over HTTP, subscriptions over the socket, and a gallery that follows creations, results and deletions. */
import relay from 'relay-runtime';
import { openSocket } from './socket.mjs';

const { commitMutation, ConnectionHandler, Environment, graphql, Network, Observable, requestSubscription } = relay;
const { RecordSource, ROOT_ID, Store } = relay;

const GALLERY_ID = ConnectionHandler.getConnectionID(ROOT_ID, 'relay_generations');

const api = 'http://127.0.0.1:4000';

export const GALLERY = graphql`
  query relayGalleryQuery {
    generations(first: 20) @connection(key: "relay_generations") {
      edges { node { id status revision prompt result { id images { id url } } } }
    }
  }
`;
/** What is created is put at the head of the list, by the directive. */
const CREATE = graphql`
  mutation relayCreateMutation($input: CreateGenerationInput!, $connections: [ID!]!) {
    createGeneration(input: $input) @prependNode(connections: $connections, edgeTypeName: "GenerationEdge") {
      id status revision prompt result { id images { id url } }
    }
  }
`;
const WATCH = graphql`
  subscription relayWatchSubscription($id: ID!) {
    generationUpdated(id: $id) { id status revision result { id images { id url } } }
  }
`;
/** The answer is the id of what was deleted, which the directive takes out of the list. */
const DELETE = graphql`
  mutation relayDeleteMutation($id: ID!, $connections: [ID!]!) {
    deleteGeneration(id: $id) @deleteEdge(connections: $connections)
  }
`;

/** @param session the `accessToken` and `refreshToken` of signUp or signIn */
export function openRelay(session) {
  const socket = openSocket(session);
  const fetchOperation = async ({ text: query }, variables) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${session.accessToken}` };
    const response = await fetch(`${api}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return await response.json();
  };
  const subscribe = ({ text: query }, variables) =>
    Observable.create((sink) => socket.subscribe({ query, variables }, sink));
  const store = new Store(new RecordSource());
  return { environment: new Environment({ network: Network.create(fetchOperation, subscribe), store }), socket };
}

export const create = (environment, input) =>
  new Promise((resolve, onError) => {
    commitMutation(environment, {
      mutation: CREATE,
      variables: { input, connections: [GALLERY_ID] },
      onCompleted: ({ createGeneration }) => resolve(createGeneration.id),
      onError,
    });
  });

/** What a subscription brings is merged by its id: every list that shows it is updated. Resolves at its end. */
export const watch = (environment, id) =>
  new Promise((onCompleted, onError) => {
    requestSubscription(environment, { subscription: WATCH, variables: { id }, onCompleted, onError });
  });

export const remove = (environment, id) =>
  new Promise((onCompleted, onError) => {
    commitMutation(environment, {
      mutation: DELETE,
      variables: { id, connections: [GALLERY_ID] },
      onCompleted,
      onError,
    });
  });
