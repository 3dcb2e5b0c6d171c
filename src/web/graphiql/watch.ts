/** Runs one subscription over its own WebSocket. It survives lost connections and expired tokens. */
import type { Observable } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { failure, type GraphQLResponse, type Headers, isUnauthenticated, type Request } from '../session/response';
import type { Session, Signed } from '../session/session';

/** Ends the retries if the server rejects even a new token. */
const MIN_RENEW_INTERVAL_MS = 500;
/** The token has expired; the token is invalid. */
const UNAUTHENTICATED_CLOSE_CODES = [4403, 4401];

/** Returns an observable, not an iterator, because GraphiQL can stop it between two events. */
export function watch(url: URL, request: Request, given: Headers, session: Session): Observable<GraphQLResponse> {
  return {
    subscribe(sink: Sink) {
      let stopped = false;
      let renewedAt = Number.NEGATIVE_INFINITY;
      let stop = open();

      function open(): () => void {
        let signed: Signed;
        let wasConnected = false;
        const client = createClient({
          url: url.href,
          // The credential of a socket is fixed, and the Headers pane may change: so each subscription has its own socket.
          connectionParams() {
            signed = session.sign(given);
            return signed.headers;
          },
          on: {
            connected() {
              wasConnected = true;
            },
          },
          // Reports a failed first connection at once; reopens a lost one.
          shouldRetry: (reason) => wasConnected && !isRejection(reason),
        });
        return client.subscribe<Record<string, unknown>>(
          { ...request, operationName: request.operationName ?? null },
          {
            next: (response) => sink.next(response as GraphQLResponse),
            complete: sink.complete,
            error: (reason) => lost(reason, signed?.token),
          },
        );
      }

      async function lost(reason: unknown, token: string | undefined): Promise<void> {
        const mayRenew = isRejection(reason) && performance.now() - renewedAt > MIN_RENEW_INTERVAL_MS;
        const renewed = mayRenew && (await session.renew(token));
        if (stopped) return;
        if (renewed) {
          renewedAt = performance.now();
          stop = open();
          return;
        }
        sink.next(explain(reason, url));
        sink.complete();
      }

      return {
        unsubscribe() {
          stopped = true;
          stop();
        },
      };
    },
  } as Observable<GraphQLResponse>;
}

type Sink = { next(response: GraphQLResponse): void; complete(): void };

function isRejection(reason: unknown): boolean {
  return reason instanceof CloseEvent ? UNAUTHENTICATED_CLOSE_CODES.includes(reason.code) : isUnauthenticated(reason);
}

/** graphql-ws reports errors of the API, the close event of the socket, or an event without details. */
function explain(reason: unknown, url: URL): GraphQLResponse {
  if (Array.isArray(reason)) return { errors: reason };
  if (reason instanceof CloseEvent) return failure(`The socket was closed: ${reason.code} ${reason.reason}`.trim());
  if (reason instanceof Error) return failure(reason.message);
  return failure(`No connection to ${url}`);
}
