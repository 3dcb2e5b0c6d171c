/**
 * Checks operations over HTTP, and lets the reads of most queries begin beside the check of their credential instead of after it. Nothing is
 * answered before the check has said yes: the reads return no rows until then, and an answer that needs no rows waits for it. After a no, the
 * answer is that of an operation that never began.
 */
import { type ApolloServerPlugin, type GraphQLRequestContext, HeaderMap, type HTTPGraphQLHead } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { isRejected, viewerOf } from '../../../accounts/authenticate.js';
import { withPermission } from '../../../db/reads.js';
import { unauthenticated } from '../../../graphql/errors.js';
import { checkOperation, type Rejection } from '../../operation/check-operation.js';
import { hasOnlyRootFields } from '../../operation/root-fields.js';
import { CHALLENGE } from '../caller.js';
import type { HttpContext } from './apollo.js';

/** Their resolvers begin with `context.reads`, and need of the viewer only the id. */
const EARLY_FIELDS = new Set(['generations', 'generation', 'node', 'viewer', '__typename']);

/** @param isOpen whether anonymous callers may read the schema */
export const check = (isOpen: boolean): ApolloServerPlugin<HttpContext> => ({
  requestDidStart: async () => {
    let checkAfterwards: (() => Promise<Rejection | undefined>) | undefined;
    return {
      didResolveOperation: async ({ schema, document, operation, request: { variables }, contextValue: context }) => {
        if (!operation) return;
        const chosen = { schema, document, operation, variables };
        const checkWith = (isCredentialBad: boolean) =>
          checkOperation(chosen, { context, isCredentialBad, logged: context.logged, canSubscribe: false }, isOpen);
        const isRefused = async () => {
          const credential = await context.credential;
          context.viewer = viewerOf(credential);
          context.logged.userId = context.viewer?.id;
          return isRejected(credential);
        };
        const isEarly =
          context.claimed !== undefined &&
          operation.operation === OperationTypeNode.QUERY &&
          hasOnlyRootFields(EARLY_FIELDS, operation, document) &&
          checkWith(false) === undefined;
        if (isEarly) {
          context.reads = withPermission(context.reads, permissionOf(context));
          checkAfterwards = async () => ((await isRefused()) ? checkWith(true) : undefined);
          return;
        }
        const rejection = checkWith(await isRefused());
        if (rejection) throw withStatus(rejection);
      },
      executionDidStart: async (request) => ({
        executionDidEnd: async () => {
          const rejection = await checkAfterwards?.().catch(internal);
          if (rejection) replaceAnswer(request, rejection);
        },
      }),
    };
  },
});

/** Rejects when the check has said no. */
async function permissionOf({ credential }: HttpContext): Promise<void> {
  if (isRejected(await credential)) throw unauthenticated();
}

type AnyRejection = Omit<Rejection, 'status'> & { status: number };

const internal = (error: Error): AnyRejection => ({
  errors: [new GraphQLError(error.message, { originalError: error })],
  status: 500,
});

function replaceAnswer(request: GraphQLRequestContext<HttpContext>, { errors, status }: AnyRejection): void {
  const { response } = request;
  Object.assign(request, { errors });
  response.body = { kind: 'single', singleResult: { errors: errors.map((error) => error.toJSON()) } };
  response.http = headOf(status);
}

/** Apollo reads the status and the headers of its response from `extensions.http`, and `mask` removes that. */
function withStatus({ errors: [{ message, nodes, extensions }], status }: Rejection): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, extensions: { ...extensions, http: headOf(status) } });
}

const headOf = (status: number): HTTPGraphQLHead => ({
  status,
  headers: new HeaderMap(status === 401 ? [['www-authenticate', CHALLENGE]] : []),
});
