/** Relay: queries over HTTP, subscriptions over the socket, and a gallery that follows creations, results and deletions. */
import relay from 'relay-runtime';
import { resumable } from './follow.mjs';
import { openSocket } from './socket.mjs';

const { commitMutation, ConnectionHandler, Environment, fetchQuery, graphql, Network, Observable } = relay;
const { RecordSource, requestSubscription, ROOT_ID, Store } = relay;

const GALLERY_ID = ConnectionHandler.getConnectionID(ROOT_ID, 'relay_generations');

const api = 'http://127.0.0.1:4000';

export const GALLERY = graphql`
  query relayGalleryQuery {
    generations(first: 20) @connection(key: "relay_generations") {
      edges { node { id status revision prompt createdAt result { id images { id url } } } }
    }
  }
`;
const CREATE = graphql`
  mutation relayCreateMutation($input: CreateGenerationInput!) {
    createGeneration(input: $input) {
      id status revision prompt createdAt result { id images { id url } }
    }
  }
`;
const WATCH = graphql`
  subscription relayWatchSubscription($id: ID!) {
    generationUpdated(id: $id) { id status revision result { id images { id url } } }
  }
`;
const CHANGES = graphql`
  subscription relayChangesSubscription($after: String) {
    generationsUpdated(after: $after) {
      kind cursor generationId generation { id status revision prompt createdAt result { id images { id url } } }
    }
  }
`;
/** The directive removes the deleted generation from the list by the id in the response. */
const DELETE = graphql`
  mutation relayDeleteMutation($id: ID!, $connections: [ID!]!) {
    deleteGeneration(id: $id) @deleteEdge(connections: $connections)
  }
`;

/** @param session the `accessToken` and `refreshToken` of signUp or signIn */
export function openRelay(session) {
  const socket = openSocket(session);
  const stream = resumable(socket);
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
    Observable.create((sink) => stream.subscribe({ query, variables }, sink));
  const store = new Store(new RecordSource());
  return { environment: new Environment({ network: Network.create(fetchOperation, subscribe), store }), socket };
}

/** Inserts a new generation into the cached list, which does not contain it otherwise; the newest comes first. */
function add(store, node) {
  const list = store.get(GALLERY_ID);
  const edges = list?.getLinkedRecords('edges');
  const placeOf = (record) => `${record.getValue('createdAt')} ${record.getDataID()}`;
  const place = (edge) => placeOf(edge.getLinkedRecord('node'));
  if (!edges || edges.some((edge) => place(edge) === placeOf(node))) return;
  const edge = ConnectionHandler.createEdge(store, list, node, 'GenerationEdge');
  const sorted = [edge, ...edges].sort((one, other) => (place(one) < place(other) ? 1 : -1));
  list.setLinkedRecords(sorted, 'edges');
}

function drop(store, id) {
  const list = store.get(GALLERY_ID);
  if (list) ConnectionHandler.deleteNode(list, id);
  store.delete(id);
}

/** Follows every change of the viewer's generations, by any client. The store merges each change by the generation's id. */
export const follow = (environment, onError = console.error) =>
  requestSubscription(environment, {
    subscription: CHANGES,
    variables: {},
    updater: (store, { generationsUpdated: { kind, generationId } }) => {
      if (kind === 'CREATED') add(store, store.get(generationId));
      if (kind === 'DELETED') drop(store, generationId);
      // After missed changes the store may be wrong: other queries are sent again when they are next used.
      if (kind === 'GAP') store.invalidateStore();
    },
    onNext: ({ generationsUpdated: { kind } }) => {
      if (kind === 'GAP') fetchQuery(environment, GALLERY, {}).subscribe({ error: onError });
    },
    onError,
  });

export const create = (environment, input) =>
  new Promise((resolve, onError) => {
    commitMutation(environment, {
      mutation: CREATE,
      variables: { input },
      updater: (store) => add(store, store.getRootField('createGeneration')),
      onCompleted: ({ createGeneration }) => resolve(createGeneration.id),
      onError,
    });
  });

/** Follows one generation. The cache merges each event by its id, so that every list shows it. Resolves when the generation has ended. */
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
