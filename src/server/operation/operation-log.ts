/**
 * The log and the count of operations. The log has the user, the outcome, and of the document only the type and the name. Over WebSocket and SSE an operation has a
 * line of its own when it ends; over HTTP it is part of the line of its request.
 */
import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { Metrics } from '../../metrics/metrics.js';
import { firstErrors, maskError } from './mask.js';

/** The client chooses the name. */
const MAX_NAME_LENGTH = 100;

/** The client has received everything, has cancelled, or the connection closed before; a socket has a close code. */
export type OperationEnd = { outcome: 'completed' | 'left' | 'closed'; closeCode?: number | undefined };

type MaskedResult<Data> = { data?: Data; errors?: GraphQLFormattedError[] };

export class LoggedOperation {
  readonly #startedAt = performance.now();
  readonly #codes = new Set<unknown>();
  #document: { type?: string; operation?: string | undefined } = {};

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Pick<Metrics, 'operated'>,
    /** Also in every response that hides an internal error. */
    readonly requestId: string,
    /** Changes when the check of the credential ends. */
    public userId: string | undefined,
  ) {}

  /** Records which operation of the document was chosen. */
  setOperation({ operation, name }: OperationDefinitionNode): void {
    this.#document = { type: operation, operation: name?.value.slice(0, MAX_NAME_LENGTH) };
  }

  /** @returns the errors that the client receives */
  mask(errors: readonly unknown[], data?: unknown): GraphQLFormattedError[] {
    const masked = firstErrors(errors, data).map((error) => maskError(error, this.requestId, this.logger));
    for (const { extensions } of masked) this.#codes.add(extensions?.code);
    return masked;
  }

  /** @returns the result that the client receives */
  maskResult<Data>({
    data,
    errors,
  }: {
    data?: Data | undefined;
    errors?: readonly unknown[] | undefined;
  }): MaskedResult<Data> {
    return { ...(data !== undefined && { data }), ...(errors && { errors: this.mask(errors, data) }) };
  }

  /** The fields of a log line, as far as they are known. */
  get line(): object {
    const { requestId, userId } = this;
    return { requestId, userId, ...this.#document, ...(this.#codes.size > 0 && { codes: [...this.#codes] }) };
  }

  /** Counts its end. Over HTTP the end of its request is its own. */
  count(): void {
    this.metrics.operated(this.#document.type, (performance.now() - this.#startedAt) / 1000, this.#codes);
  }

  /** Counts its end, and writes the log line. To be called once. */
  end({ outcome, closeCode }: OperationEnd): void {
    this.count();
    const ms = Math.round(performance.now() - this.#startedAt);
    const isFailed = outcome === 'completed' && this.#codes.size > 0;
    this.logger.info({ ...this.line, ms, outcome: isFailed ? 'failed' : outcome, closeCode }, 'operation ended');
  }
}

/** The operations of one socket, by the ids that its client chooses. */
export class OperationLog {
  readonly #open = new Map<string, LoggedOperation>();
  /** The user of the socket, once authenticated. */
  userId: string | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Pick<Metrics, 'operated'>,
  ) {}

  start(id: string): LoggedOperation {
    const operation = new LoggedOperation(this.logger, this.metrics, uuid(), this.userId);
    this.#open.set(id, operation);
    return operation;
  }

  /** @returns the open operation with this id; starts it if there is none */
  get(id: string): LoggedOperation {
    return this.#open.get(id) ?? this.start(id);
  }

  /** Does nothing if no operation with this id is open. */
  end(id: string, end: OperationEnd): void {
    this.#open.get(id)?.end(end);
    this.#open.delete(id);
  }
}
