/** One subscription over a WebSocket of its own, which outlives lost connections and expired tokens. */
import type { Observable } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { type Answer, failure, type Headers, isRefused, type Request } from './answer';
import type { Session, Signed } from './session';

/** A server that refuses even a new token must not be asked for ever. */
const RENEW_AT_MOST_EVERY_MS = 500;
/** The token has expired; or it is none of this server's. */
const REFUSED_CLOSE_CODES = [4403, 4401];

/** An observable and no iterator, because GraphiQL can then stop it between two events. */
export function watch(url: URL, request: Request, given: Headers, session: Session): Observable<Answer> {
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
          // What a socket says of its owner is fixed for its life, and the Headers pane may change: hence one for each.
          connectionParams() {
            signed = session.sign(given);
            return signed.headers;
          },
          on: {
            connected() {
              wasConnected = true;
            },
          },
          // A first connection that fails is told at once, a lost one is sought again.
          shouldRetry: (reason) => wasConnected && !isRefusal(reason),
        });
        return client.subscribe<Record<string, unknown>>(
          { ...request, operationName: request.operationName ?? null },
          {
            next: (answer) => sink.next(answer as Answer),
            complete: sink.complete,
            error: (reason) => lost(reason, signed?.token),
          },
        );
      }

      async function lost(reason: unknown, token: string | undefined): Promise<void> {
        const mayRenew = isRefusal(reason) && performance.now() - renewedAt > RENEW_AT_MOST_EVERY_MS;
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
  } as Observable<Answer>;
}

type Sink = { next(answer: Answer): void; complete(): void };

function isRefusal(reason: unknown): boolean {
  return reason instanceof CloseEvent ? REFUSED_CLOSE_CODES.includes(reason.code) : isRefused(reason);
}

/** graphql-ws gives the errors of the API, the close of the socket, or an event that says nothing. */
function explain(reason: unknown, url: URL): Answer {
  if (Array.isArray(reason)) return { errors: reason };
  if (reason instanceof CloseEvent) return failure(`The socket was closed: ${reason.code} ${reason.reason}`.trim());
  if (reason instanceof Error) return failure(reason.message);
  return failure(`No connection to ${url}`);
}
