/** Sends GraphiQL's requests to the API: subscriptions over WebSocket, other operations over HTTP. */
import type { Fetcher, FetcherOpts, SyncExecutionResult } from '@graphiql/toolkit';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode, parse } from 'graphql';
import type { Memory } from '../session/memory';
import { post } from '../session/post';
import { type Headers, isUnauthenticated, type Request } from '../session/response';
import type { Session } from '../session/session';
import { hideTokens } from './secrets';
import { watch } from './watch';

/**
 * @param url the API; sockets use the same URL with ws: or wss:
 * @param session adds the token to requests
 */
export function createFetcher(url: URL, memory: Memory, session: Session): Fetcher {
  const socketUrl = new URL(url.href.replace(/^http/, 'ws'));

  return async (params, options) => {
    const operation = findOperation(params);
    const request = fillId(params, operation, memory);
    const given = headersOf(options);
    if (operation?.operation === 'subscription') {
      return watch(socketUrl, request, given, session) as SyncExecutionResult;
    }
    const { headers, token } = session.sign(given);
    let response = await post(url, request, headers);
    if (isUnauthenticated(response.errors) && (await session.renew(token))) {
      response = await post(url, request, session.sign(given).headers);
    }
    memory.learn(response.data);
    return hideTokens(response) as SyncExecutionResult;
  };
}

/** Undefined if the document is invalid; the server then reports why. */
function findOperation({ query, operationName }: Request): OperationDefinitionNode | undefined {
  let document: DocumentNode;
  try {
    // GraphiQL also passes a parsed document, but it lags behind the editor.
    document = parse(query);
  } catch {
    return undefined;
  }
  return getOperationAST(document, operationName) ?? undefined;
}

/** Fills an empty `$id` of a subscription with the generation created last. */
function fillId(request: Request, operation: OperationDefinitionNode | undefined, memory: Memory): Request {
  const wantsId = operation?.variableDefinitions?.some(({ variable }) => variable.name.value === 'id');
  if (operation?.operation !== 'subscription' || !wantsId || request.variables?.id || !memory.generationId)
    return request;
  return { ...request, variables: { ...request.variables, id: memory.generationId } };
}

function headersOf(options: FetcherOpts | undefined): Headers {
  const entries = Object.entries<unknown>(options?.headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
