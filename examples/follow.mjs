export const CHANGES = `subscription ($after: String) {
  generationsUpdated(after: $after) { kind cursor generationId generation { id revision status errorMessage } }
}`;
const GAP = { __typename: 'GenerationChange', kind: 'GAP', cursor: null, generationId: null, generation: null };

/** A graphql-ws client whose `generationsUpdated` resumes after the last change when the socket reconnects. */
export const resumable = (client) => ({
  ...client,
  subscribe(request, sink) {
    if (!request.query.includes('generationsUpdated')) return client.subscribe(request, sink);
    // graphql-ws sends these variables again when it reconnects.
    const variables = { ...request.variables };
    const next = (result) => {
      sink.next(result);
      variables.after = result.data?.generationsUpdated?.cursor ?? variables.after;
    };
    const error = (reason) => sink.error(reason);
    // Without a cursor the stream skips earlier changes: read the list once the stream has started. A response to a query that
    // was sent after the subscription shows that it has.
    let stopStart = () => {};
    const start = () => {
      if (variables.after) return;
      stopStart();
      const answered = { next: () => next({ data: { generationsUpdated: GAP } }), error, complete() {} };
      stopStart = client.subscribe({ query: '{ __typename }' }, answered);
    };
    const stop = client.subscribe({ ...request, variables }, { next, error, complete: () => sink.complete() });
    const stopListening = client.on('connected', start);
    start();
    return () => {
      stopListening();
      stopStart();
      stop();
    };
  },
});

export async function follow(client, { after, onChange, readList }) {
  let stop;
  await new Promise((complete, error) => {
    const next = ({ data, errors }) => {
      if (errors) return error(new Error(errors[0].message));
      const { kind, cursor, generationId, generation } = data.generationsUpdated;
      if (kind === 'GAP') Promise.resolve(readList()).catch(error);
      else onChange({ kind, cursor, generationId, generation });
    };
    stop = resumable(client).subscribe({ query: CHANGES, variables: { after } }, { next, error, complete });
  }).finally(() => stop());
}
