/** Passes a request to Apollo, and sends its answer. Expects a parsed body. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { Logger } from 'pino';
import type { Tokens } from '../../../accounts/sessions/tokens.js';
import type { Services } from '../../../api/context.js';
import type { Metrics } from '../../../metrics/metrics.js';
import { LoggedOperation } from '../../operation/operation-log.js';
import { callerOf } from '../caller.js';
import type { HttpContext } from './apollo.js';
import { choiceOf } from './stream-choice.js';

type Options = {
  apollo: ApolloServer<HttpContext>;
  services: Services;
  tokens: Tokens;
  metrics: Metrics;
  logger: Logger;
};

export const answerWith =
  ({ apollo, services, tokens, metrics, logger }: Options) =>
  async (request: IncomingMessage & { body?: unknown }, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', body } = request;
    // Not in Apollo's `context`: the client would receive the message of an error thrown there.
    const { context, ...presented } = callerOf(request, services, tokens);
    const logged = new LoggedOperation(logger, metrics, context.requestId, context.viewer?.id);
    request.operation = logged;
    const { isPlainJson } = choiceOf(request);
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers: headersOf(request), search: searchOf(url), body },
      context: async () => Object.assign(context, presented, { isPlainJson, logged }),
    });
    response.statusCode = answer.status ?? 200;
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    if (answer.body.kind === 'complete') {
      const { string: text } = answer.body;
      response.setHeader('content-length', Buffer.byteLength(text));
      // Node sends it with its headers in one piece.
      response.end(text);
      return;
    }
    for await (const part of answer.body.asyncIterator) response.write(part);
    response.end();
  };

function headersOf({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

const searchOf = (url: string): string => {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
};
