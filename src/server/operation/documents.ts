/** Reads what a socket or a stream asks for: parsed, validated, within the limits, with the one operation chosen. Over HTTP Apollo does the same, with the same words. */
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { LRUCache } from 'lru-cache';
import type { Context } from '../../api/context.js';
import { judge } from './check-operation.js';
import { MAX_VALIDATION_ERRORS, parseOptions } from './document-limits.js';
import { limitRules } from './limit-rules.js';
import type { LoggedOperation } from './operation-log.js';

const rules = [...specifiedRules, ...limitRules];

/** Characters of the documents that are remembered; what is made of one takes up to eighty bytes a character. */
const REMEMBERED = 500_000;

export class Documents {
  /** By their text: of many who come back at once, most ask the same. */
  readonly #valid = new LRUCache<string, DocumentNode>({
    maxSize: REMEMBERED,
    sizeCalculation: (_, { length }) => length,
  });

  /** @param isOpen whether the schema is shown to nobody, too */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly isOpen: boolean,
  ) {}

  /** What graphql-js needs to execute it; or why it cannot be executed: errors of that operation, and not the end of the socket. */
  prepare(
    { query, operationName, variables }: SubscribePayload,
    context: Context,
    logged: LoggedOperation,
  ): ExecutionArgs | GraphQLError[] {
    const { schema } = this;
    const document = this.#read(query);
    if (Array.isArray(document)) return document;
    const operation = getOperationAST(document, operationName);
    if (!operation) {
      const message =
        operationName == null
          ? 'Must provide operation name if query contains multiple operations.'
          : `Unknown operation named "${operationName}".`;
      return [refusal('OPERATION_RESOLUTION_FAILURE', message)];
    }
    logged.asks(operation);
    const mayIntrospect = this.isOpen || context.viewer !== undefined;
    const unfit = judge(document, operation, variables, schema, { mayIntrospect });
    return unfit ? [unfit] : { schema, document, operationName, variableValues: variables, contextValue: context };
  }

  #read(query: string): DocumentNode | GraphQLError[] {
    const known = this.#valid.get(query);
    if (known) return known;
    if (query === '')
      return [
        refusal('BAD_REQUEST', 'GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.'),
      ];
    let document: DocumentNode;
    try {
      document = parse(query, parseOptions);
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
      throw error;
    }
    const faults = validate(this.schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
    if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
    this.#valid.set(query, document);
    return document;
  }
}

const refusal = (code: string, message: string) => new GraphQLError(message, { extensions: { code } });

/** graphql-js gives no codes. */
const withCode = ({ message, nodes, source, positions }: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  });
