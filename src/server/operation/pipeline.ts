/**
 * The steps of an operation, the same over every transport: parse, validate, choose the operation, log it, check the credential and the
 * limits (`check-operation.ts`), execute, mask errors, and log the end. WebSocket and SSE take all of them from here. Over HTTP Apollo
 * parses, validates and chooses by itself, with `documentOptions`; `http/graphql/apollo.ts` calls the other steps.
 */
import { GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Context } from '../../api/context.js';
import { checkOperation, type OperationCaller, type Rejection } from './check-operation.js';
import { Documents } from './documents.js';
import type { Outlet, PacedArgs } from './execute.js';

type PacedCaller = Omit<OperationCaller, 'canSubscribe'> & { context: Context; outlet: Outlet };

export class Pipeline {
  readonly #documents: Documents;

  /** @param isOpen whether anonymous callers may read the schema */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly isOpen: boolean,
  ) {
    this.#documents = new Documents(schema);
  }

  /** @returns the arguments of `execute` and `subscribe`, or why the operation is not executed */
  prepare(
    { query, operationName, variables }: SubscribePayload,
    { context, outlet, isCredentialBad, logged }: PacedCaller,
  ): PacedArgs | Rejection {
    if (query === '') return reject('BAD_REQUEST', EMPTY_QUERY);
    const document = this.#documents.read(query);
    if (Array.isArray(document)) return { errors: document, status: 400 };
    const operation = getOperationAST(document, operationName);
    if (!operation) return reject('OPERATION_RESOLUTION_FAILURE', unresolved(operationName));
    const chosen = { schema: this.schema, document, operation, variables };
    const rejection = checkOperation(chosen, { context, isCredentialBad, logged, canSubscribe: true }, this.isOpen);
    if (rejection) return rejection;
    const { schema } = this;
    return { schema, document, operationName, variableValues: variables, contextValue: context, outlet, logged };
  }
}

/** Apollo's words. */
const EMPTY_QUERY = 'GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.';

/** graphql-js's words. */
const unresolved = (operationName: string | null | undefined): string =>
  operationName == null
    ? 'Must provide operation name if query contains multiple operations.'
    : `Unknown operation named "${operationName}".`;

const reject = (code: string, message: string): Rejection => ({
  errors: [new GraphQLError(message, { extensions: { code } })],
  status: 400,
});
