/** GraphQL over HTTP by Apollo Server. What it cannot share with `operation/pipeline.ts`: it parses and validates by itself. */
import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerOptionsWithGateway,
  type ApolloServerPlugin,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Presented } from '../../../accounts/authenticate.js';
import type { Context } from '../../../api/context.js';
import { execute } from '../../executor/execute.js';
import { createDocumentStore, documentOptions } from '../../operation/documents.js';
import type { LoggedOperation } from '../../operation/operation-log.js';
import { check } from './begin-early.js';
import { PREFLIGHTED_HEADERS } from './csrf.js';

export type HttpContext = Context &
  Presented & {
    /** The client accepts `application/json` rather than `application/graphql-response+json`. */
    isPlainJson: boolean;
    logged: LoggedOperation;
  };

/** Codes of an invalid document and of invalid variables. */
const INVALID_REQUEST = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
]);

export const createApollo = (schema: GraphQLSchema, isOpen: boolean, logger: Logger): ApolloServer<HttpContext> =>
  new ApolloServer<HttpContext>({
    gateway: gatewayTo(schema),
    documentStore: createDocumentStore(),
    ...settings(isOpen, logger),
  });

/** Apollo's seam for an executor of one's own. It takes the schema from there, too. */
export const gatewayTo = (schema: GraphQLSchema): ApolloServerOptionsWithGateway<HttpContext>['gateway'] => ({
  onSchemaLoadOrUpdate: (load) => {
    load({ apiSchema: schema, coreSupergraphSdl: '' });
    return () => {};
  },
  load: async () => ({
    executor: async ({ document, context: contextValue, request: { operationName, variables: variableValues } }) =>
      execute({ schema, document, operationName, variableValues, contextValue }),
  }),
  stop: async () => {},
});

/**
 * The settings that do not depend on the schema.
 * @param isOpen whether anonymous callers may read the schema
 */
export const settings = (isOpen: boolean, logger: Logger) =>
  ({
    ...documentOptions,
    introspection: true,
    csrfPrevention: { requestHeaders: [...PREFLIGHTED_HEADERS] },
    includeStacktraceInErrorResponses: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would wrap the resolver of every field, to look for hints that this schema does not have.
      ApolloServerPluginCacheControlDisabled(),
      check(isOpen),
      mask,
      setPlainJsonStatus,
    ],
    stopOnTerminationSignals: false,
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  }) satisfies Partial<ApolloServerOptions<HttpContext>>;

/** In place of `formatError`, which has no access to the request. */
const mask: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body }, contextValue: { logged }, errors }) => {
      if (body.kind !== 'single' || !errors || !body.singleResult.errors) return;
      body.singleResult.errors = logged.mask(errors, body.singleResult.data);
    },
  }),
};

/**
 * A client that accepts `application/json` recognizes a GraphQL response, as opposed to a proxy's, by status 200; only the newer type has
 * other statuses. https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
const setPlainJsonStatus: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { http, body }, contextValue }) => {
      if (!contextValue.isPlainJson || http.status !== 400 || body.kind !== 'single') return;
      if (body.singleResult.errors?.every(({ extensions }) => INVALID_REQUEST.has(String(extensions?.code))))
        http.status = 200;
    },
  }),
};
