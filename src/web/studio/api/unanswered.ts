/**
 * A query that has received no response keeps what it has shown, and is sent again while something shows it: as soon as the
 * connection is back, and until then in growing intervals. So a page that was opened in a tunnel fills itself.
 */
import { type Client, type CombinedError, type Exchange, makeOperation, mapExchange, type Operation } from 'urql';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

type Entry = { ask(): void; waitMs: number; timer: ReturnType<typeof setTimeout> };

export class Unanswered {
  /** By the keys of queries. */
  readonly #entries = new Map<number, Entry>();
  /** What the queries that are shown have brought. */
  readonly #shown = new Map<number, unknown>();

  readonly exchange: Exchange = (input) =>
    mapExchange({
      onOperation: ({ kind, key }) => {
        if (kind !== 'teardown') return;
        this.#end(key);
        this.#shown.delete(key);
      },
      onResult: (result) => {
        const { operation, error } = result;
        const { kind, key } = operation;
        if (kind !== 'query') return result;
        if (hasNoResponse(error)) {
          this.#keep(operation, input.client);
          return { ...result, data: result.data ?? this.#shown.get(key) };
        }
        this.#end(key);
        this.#shown.set(key, result.data);
        return result;
      },
    })(input);

  /** Sends all of them now. */
  askAgain(): void {
    for (const entry of this.#entries.values()) entry.ask();
  }

  #keep(operation: Operation, client: Client): void {
    const previous = this.#entries.get(operation.key);
    clearTimeout(previous?.timer);
    const waitMs = previous ? Math.min(previous.waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
    const again = makeOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' });
    const ask = () => client.reexecuteOperation(again);
    this.#entries.set(operation.key, { ask, waitMs, timer: setTimeout(ask, waitMs) });
  }

  #end(key: number): void {
    clearTimeout(this.#entries.get(key)?.timer);
    this.#entries.delete(key);
  }
}

/** Also if a proxy has answered that the server does not. */
const hasNoResponse = (error: CombinedError | undefined): boolean =>
  error?.networkError !== undefined && !(error.response?.status < 500);
