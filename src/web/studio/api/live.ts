/** The stream of changes of the viewer's generations. */
import type { SubscriptionForwarder } from 'urql';
import { CARD } from '../generation/fragments';
import { graphql, type ResultOf } from './graphql';
import type { Socket } from './socket';

export const CHANGES = graphql(
  `
    subscription Changes($after: String) {
      generationsUpdated(after: $after) {
        kind
        cursor
        generationId
        generation { ...Card }
      }
    }
  `,
  [CARD],
);

export type Change = ResultOf<typeof CHANGES>['generationsUpdated'];

type Message = { data?: { generationsUpdated?: { cursor: string } } | null };
type Listener = {
  /** The stream has started. @param isResumed false if earlier changes may be missing: then read the lists */
  onStart(isResumed: boolean): void;
};

/** Subscribes so that the stream resumes after its last change when the socket reconnects. */
export const resume =
  (socket: Socket, { onStart }: Listener): SubscriptionForwarder =>
  ({ query = '', variables: given }) => ({
    subscribe(sink) {
      // graphql-ws sends these variables again when it reconnects.
      const variables: { after?: unknown } = { ...given };
      let stopProbe = () => {};
      // A response to a query that was sent after the subscription shows that the subscription has started.
      const probe = () => {
        const isResumed = variables.after != null;
        stopProbe();
        stopProbe = socket.subscribe(
          { query: '{ __typename }' },
          { next: () => onStart(isResumed), error() {}, complete() {} },
        );
      };
      const stop = socket.subscribe<Record<string, unknown>>(
        { query, variables },
        {
          next(result) {
            sink.next(result as Parameters<typeof sink.next>[0]);
            variables.after = (result as Message).data?.generationsUpdated?.cursor ?? variables.after;
          },
          error: (reason) => sink.error(reason),
          complete: () => sink.complete(),
        },
      );
      const stopListening = socket.on('connected', probe);
      probe();
      return {
        unsubscribe() {
          stopListening();
          stopProbe();
          stop();
        },
      };
    },
  });
