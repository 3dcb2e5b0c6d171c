/**
 * A query that has received no response is sent again while something shows it: as soon as the connection is back, and until
 * then in growing intervals. So a page that was opened in a tunnel fills itself.
 */
import { type CombinedError, type Exchange, makeOperation, type Operation } from 'urql';
import { pipe, tap } from 'wonka';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

type Entry = { ask(): void; waitMs: number; timer: ReturnType<typeof setTimeout> };

export class Unanswered {
  readonly #entries = new Map<number, Entry>();

  readonly exchange: Exchange =
    ({ client, forward }) =>
    (operations) =>
      pipe(
        operations,
        tap(({ key, kind }) => {
          if (kind === 'teardown') this.#forget(key);
        }),
        forward,
        tap(({ operation, error }) => {
          if (operation.kind !== 'query') return;
          if (!hasNoResponse(error)) return this.#forget(operation.key);
          this.#keep(operation, (again) => client.reexecuteOperation(again));
        }),
      );

  /** Sends all of them now. */
  askAgain(): void {
    for (const entry of this.#entries.values()) entry.ask();
  }

  #keep(operation: Operation, send: (operation: Operation) => void): void {
    const previous = this.#entries.get(operation.key);
    clearTimeout(previous?.timer);
    const waitMs = previous ? Math.min(previous.waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
    const ask = () => send(makeOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' }));
    this.#entries.set(operation.key, { ask, waitMs, timer: setTimeout(ask, waitMs) });
  }

  #forget(key: number): void {
    clearTimeout(this.#entries.get(key)?.timer);
    this.#entries.delete(key);
  }
}

/** Also if a proxy has answered that the server does not. */
const hasNoResponse = (error: CombinedError | undefined): boolean =>
  error?.networkError !== undefined && !(error.response?.status < 500);
