/**
 * What the log tells of an operation: whose it was and how it ended, and of what it asks for only its type and its name. On a socket or a
 * stream it has a line of its own, when it is over; over HTTP it is in the line of its request.
 */
import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import { maskError, told } from './mask.js';

/** A client chooses it. */
const MAX_NAME_LENGTH = 100;

/** The client has everything; it wanted no more; or what carried it closed before, with a code where that is a socket. */
export type Ending = { outcome: 'completed' | 'left' | 'closed'; closeCode?: number | undefined };

export class LoggedOperation {
  readonly #beganAt = performance.now();
  readonly #codes = new Set<unknown>();
  #asked: { type?: string; operation?: string | undefined } = {};

  constructor(
    private readonly logger: Logger,
    /** Also in every answer that hides an error of ours. */
    readonly requestId: string,
    private readonly userId: string | undefined,
  ) {}

  /** What a document turns out to ask for. */
  asks({ operation, name }: OperationDefinitionNode): void {
    this.#asked = { type: operation, operation: name?.value.slice(0, MAX_NAME_LENGTH) };
  }

  /** What the client is told of these errors. */
  mask(errors: readonly unknown[], data?: unknown): GraphQLFormattedError[] {
    const masked = told(errors, data).map((error) => maskError(error, this.requestId, this.logger));
    for (const { extensions } of masked) this.#codes.add(extensions?.code);
    return masked;
  }

  /** So far. */
  get line(): object {
    const { requestId, userId } = this;
    return { requestId, userId, ...this.#asked, ...(this.#codes.size > 0 && { codes: [...this.#codes] }) };
  }

  /** To be told once. */
  end({ outcome, closeCode }: Ending): void {
    const ms = Math.round(performance.now() - this.#beganAt);
    const isFailed = outcome === 'completed' && this.#codes.size > 0;
    this.logger.info({ ...this.line, ms, outcome: isFailed ? 'failed' : outcome, closeCode }, 'operation ended');
  }
}

/** The operations of one socket, by the ids that its client gives them. */
export class OperationLog {
  readonly #open = new Map<string, LoggedOperation>();
  /** Whose the socket is, once that is known. */
  userId: string | undefined;

  constructor(private readonly logger: Logger) {}

  begin(id: string): LoggedOperation {
    const operation = new LoggedOperation(this.logger, uuid(), this.userId);
    this.#open.set(id, operation);
    return operation;
  }

  /** The one that has begun under this id. */
  of(id: string): LoggedOperation {
    return this.#open.get(id) ?? this.begin(id);
  }

  /** Nothing where none had begun. */
  end(id: string, ending: Ending): void {
    this.#open.get(id)?.end(ending);
    this.#open.delete(id);
  }
}
