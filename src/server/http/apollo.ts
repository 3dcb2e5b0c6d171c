/** GraphQL over HTTP, by Apollo Server. */
import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { Context } from '../../api/context.js';
import { badCredential } from '../operation/caller.js';
import { judge } from '../operation/check-operation.js';
import { MAX_VALIDATION_ERRORS, parseOptions } from '../operation/document-limits.js';
import { limitRules } from '../operation/limit-rules.js';
import type { LoggedOperation } from '../operation/operation-log.js';
import { isPublic } from '../operation/public-fields.js';
import { PREFLIGHTED_HEADERS } from './csrf.js';

export type HttpContext = Context & {
  /** It came with a credential that does not count; whether that matters depends on what is asked. */
  isCredentialBad: boolean;
  /** The client takes `application/json` rather than `application/graphql-response+json`. */
  isPlainJson: boolean;
  logged: LoggedOperation;
};

/** A document that cannot be executed, and values that do not fit it. */
const OF_THE_DOCUMENT = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
]);

export const createApollo = (schema: GraphQLSchema, isOpen: boolean, logger: Logger): ApolloServer<HttpContext> =>
  new ApolloServer<HttpContext>({ schema, ...settings(isOpen, logger) });

/**
 * What holds whatever the schema is.
 * @param isOpen whether the schema is shown to nobody, too
 */
export const settings = (isOpen: boolean, logger: Logger) =>
  ({
    introspection: true,
    csrfPrevention: { requestHeaders: [...PREFLIGHTED_HEADERS] },
    includeStacktraceInErrorResponses: false,
    parseOptions,
    validationRules: [...limitRules],
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      log,
      refuseBadCredentials,
      refuseSubscriptions,
      keepLimits(isOpen),
      mask,
      answerPlainJson,
    ],
    stopOnTerminationSignals: false,
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  }) satisfies Partial<ApolloServerOptions<HttpContext>>;

const log: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue: { logged } }) => {
      if (operation) logged.asks(operation);
    },
  }),
};

const refuseBadCredentials: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, document, contextValue }) => {
      if (contextValue.isCredentialBad && operation && !isPublic(operation, document)) throw badCredential();
    },
  }),
};

const refuseSubscriptions: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      throw new GraphQLError(
        'Subscriptions run over WebSocket (graphql-transport-ws) at this same path, or as server-sent events at /graphql/stream',
        {
          extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
        },
      );
    },
  }),
};

const keepLimits = (isOpen: boolean): ApolloServerPlugin<HttpContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, operation, request, contextValue: { viewer } }) => {
      const asker = { mayIntrospect: isOpen || viewer !== undefined };
      const refusal = operation && judge(document, operation, request.variables, schema, asker);
      if (refusal)
        throw new GraphQLError(refusal.message, {
          nodes: refusal.nodes ?? null,
          extensions: { ...refusal.extensions, http: { status: 400 } },
        });
    },
  }),
});

/** In place of `formatError`, which does not know the request. */
const mask: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body }, contextValue: { logged }, errors }) => {
      if (body.kind !== 'single' || !errors || !body.singleResult.errors) return;
      body.singleResult.errors = logged.mask(errors, body.singleResult.data);
    },
  }),
};

/**
 * Who takes `application/json` tells an answer of GraphQL's from one of a proxy's by its status 200; only the newer type has statuses.
 * https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
const answerPlainJson: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { http, body }, contextValue }) => {
      if (!contextValue.isPlainJson || http.status !== 400 || body.kind !== 'single') return;
      if (body.singleResult.errors?.every(({ extensions }) => OF_THE_DOCUMENT.has(String(extensions?.code))))
        http.status = 200;
    },
  }),
};
