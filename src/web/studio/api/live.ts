/** The stream of changes of the viewer's generations, which never ends. */
import type { SubscriptionForwarder } from 'urql';
import { CARD } from '../generation/fragments';
import { graphql, type ResultOf } from './graphql';
import type { Socket } from './socket';

/** After an error that is no matter of the connection, such as too many sockets. */
const RESTART_MS = 3_000;

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

type Message = { data?: { generationsUpdated?: Change } | null };
type Listener = {
  /** The stream has started. @param isResumed false if earlier changes may be missing: then read the lists */
  onStart(isResumed: boolean): void;
  /** The cache has the change. */
  onChange(change: Change): void;
};

/** Subscribes so that the stream resumes after its last change when the socket reconnects. */
export const resume =
  (socket: Socket, { onStart, onChange }: Listener): SubscriptionForwarder =>
  ({ query = '', variables: given }) => ({
    subscribe(sink) {
      // graphql-ws sends these variables again when it reconnects.
      const variables: { after?: unknown } = { ...given };
      let stop = () => {};
      let stopProbe = () => {};
      let restarting: ReturnType<typeof setTimeout> | undefined;
      let hasEnded = false;

      const restart = () => {
        clearTimeout(restarting);
        if (hasEnded) return;
        restarting = setTimeout(start, RESTART_MS * (0.5 + Math.random()));
      };
      // A response to a query that was sent after the subscription shows that the subscription has started.
      const probe = () => {
        const isResumed = variables.after != null;
        stopProbe();
        stopProbe = socket.subscribe(
          { query: '{ __typename }' },
          { next: () => onStart(isResumed), error() {}, complete() {} },
        );
      };
      const start = () => {
        stop();
        stop = socket.subscribe<Record<string, unknown>>(
          { query, variables },
          {
            next(result) {
              sink.next(result as Parameters<typeof sink.next>[0]);
              const change = (result as Message).data?.generationsUpdated;
              if (!change) return;
              variables.after = change.cursor;
              onChange(change);
            },
            error(reason) {
              // The server rejected the subscription: perhaps for its cursor.
              if (Array.isArray(reason)) variables.after = undefined;
              restart();
            },
            complete: restart,
          },
        );
        probe();
      };
      const stopListening = socket.on('connected', probe);
      start();
      return {
        unsubscribe() {
          hasEnded = true;
          clearTimeout(restarting);
          stopListening();
          stopProbe();
          stop();
        },
      };
    },
  });
