/** GraphQL over HTTP, by Apollo Server. */
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { Context } from '../graphql/context.js';
import { unauthenticated } from '../graphql/errors.js';
import { MAX_VALIDATION_ERRORS, parseOptions } from './limits.js';
import { maskError } from './mask.js';
import { isPublic } from './public-fields.js';

/** A context over HTTP may come with a credential that does not count; whether that matters depends on what is asked. */
export type HttpContext = Context & { isCredentialBad: boolean };

export const createApollo = (schema: GraphQLSchema, logger: Logger): ApolloServer<HttpContext> =>
  new ApolloServer<HttpContext>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    parseOptions,
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      refuseBadCredentials,
      refuseSubscriptions,
      answerOldClients,
      mask(logger),
    ],
    stopOnTerminationSignals: false,
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  });

const refuseBadCredentials: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, document, contextValue }) => {
      if (contextValue.isCredentialBad && operation && !isPublic(operation, document))
        throw unauthenticated('The credential is wrong or has expired', { status: 401 });
    },
  }),
};

const refuseSubscriptions: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      throw new GraphQLError('Subscriptions run over WebSocket (graphql-transport-ws) at this same path', {
        extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
      });
    },
  }),
};

/**
 * Who asks for `application/json` alone takes any status but 200 for a fault of the network: GraphQL over HTTP has such a client told of a
 * bad document with 200. Source: the audits 572B, FDE2 and 7B9B of graphql-http.
 */
const answerOldClients: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response, errors }) => {
      if (request.http?.headers.get('accept')?.includes('application/graphql-response+json')) return;
      const isDocumentBad = errors?.every(({ extensions }) => BAD_DOCUMENT.has(String(extensions.code)));
      if (isDocumentBad && response.http.status === BAD_REQUEST) response.http.status = 200;
    },
  }),
};

const BAD_REQUEST = 400;
const BAD_DOCUMENT = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

/** In place of `formatError`, which does not know the request. */
const mask = (logger: Logger): ApolloServerPlugin<HttpContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ response, contextValue, errors }) => {
      if (response.body.kind !== 'single' || !errors || !response.body.singleResult.errors) return;
      response.body.singleResult.errors = errors.map((error) => maskError(error, contextValue.requestId, logger));
    },
  }),
});
