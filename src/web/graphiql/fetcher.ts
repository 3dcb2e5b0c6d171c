/** Brings GraphiQL's requests to the API: subscriptions over WebSocket, all else over HTTP. */
import type { Fetcher, FetcherOpts, SyncExecutionResult } from '@graphiql/toolkit';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode, parse } from 'graphql';
import { type Headers, isRefused, type Request } from './answer';
import type { Memory } from './memory';
import { post } from './post';
import { hideTokens } from './secrets';
import type { Session } from './session';
import { watch } from './watch';

/**
 * @param url of the API; the sockets use the same one with ws: or wss:.
 * @param session signs the requests.
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
    let answer = await post(url, request, headers);
    if (isRefused(answer.errors) && (await session.renew(token))) {
      answer = await post(url, request, session.sign(given).headers);
    }
    memory.learn(answer.data);
    return hideTokens(answer) as SyncExecutionResult;
  };
}

/** Undefined where the document does not parse: the server will say why. */
function findOperation({ query, operationName }: Request): OperationDefinitionNode | undefined {
  let document: DocumentNode;
  try {
    // GraphiQL hands a parsed document over, too, but that one lags behind the keyboard.
    document = parse(query);
  } catch {
    return undefined;
  }
  return getOperationAST(document, operationName) ?? undefined;
}

/** A subscription whose `$id` is left empty is about the generation that was created last. */
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
