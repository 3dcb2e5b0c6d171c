/**
 * GraphQL over server-sent events, each operation with a connection of its own: subscriptions, and whatever else a client sends; the rules
 * are those of HTTP. https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { type ExecutionResult, getOperationAST } from 'graphql';
import {
  createHandler,
  type Handler,
  type OperationArgs,
  type OperationResult,
  type RequestParams,
  type Response as Result,
} from 'graphql-sse';
import type { Logger } from 'pino';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Context, Services } from '../../api/context.js';
import type { Connections } from '../../limits/concurrency-limit.js';
import { isPreflighted, PREFLIGHTED_HEADERS } from '../http/csrf.js';
import { answerTooMany, refusal } from '../http/plain-response.js';
import { EVENT_STREAM } from '../http/stream-choice.js';
import { badCredential, type Caller, CHALLENGE, callerOf } from '../operation/caller.js';
import { onceCredentialEnds } from '../operation/credential-end.js';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import type { Documents } from '../operation/documents.js';
import { execute, subscribe } from '../operation/execute.js';
import { LoggedOperation } from '../operation/operation-log.js';
import { isPublic } from '../operation/public-fields.js';
import { EventStream } from './event-stream.js';

export type StreamOptions = {
  documents: Documents;
  services: Services;
  tokens: Tokens;
  connections: Connections;
  logger: Logger;
};

/** What is known of a request while it is answered. */
type Asked = Caller & { stream: EventStream; operation: LoggedOperation };

export class Streams {
  readonly router = Router();
  readonly #open = new Set<EventStream>();
  readonly #handle: Handler<Request, Asked>;

  constructor(private readonly options: StreamOptions) {
    const { documents } = options;
    this.#handle = createHandler<Request, Asked, Context>({
      // A connection for each operation: there is nothing that streams share.
      authenticate: () => null,
      onSubscribe: (request, params) => begin(request.context, params, documents),
      // It is validated already, within the limits.
      validate: () => [],
      execute: (args) => execute(args) as OperationResult,
      subscribe: (args) => subscribe(args) as OperationResult,
      onNext: (_, { context: { operation } }, { data, errors }) => {
        const masked = errors && operation.mask(errors, data);
        return { ...(data !== undefined && { data }), ...(masked && { errors: masked }) } as unknown as ExecutionResult;
      },
    });
    this.router.use(refuseOthers, express.json({ limit: MAX_REQUEST_BYTES }), (request, response) =>
      this.#answer(request, response),
    );
  }

  /** Ends every stream; clients come back. */
  close(): void {
    for (const stream of this.#open) stream.end('The server is going away');
  }

  async #answer(request: Request, response: Response): Promise<void> {
    const { services, tokens, logger } = this.options;
    const caller = await callerOf(request, services, tokens);
    // Who has gone meanwhile would never leave.
    if (response.closed) return;
    if (!this.#enter(caller, response)) return answerTooMany(response, 'connections');
    const stream = new EventStream(response);
    const { requestId, viewer } = caller.context;
    const operation = new LoggedOperation(logger, requestId, viewer?.id);
    const [body, { status, headers }] = await this.#handle({
      method: request.method,
      url: request.originalUrl,
      headers: { get: (name) => (name === 'accept' ? EVENT_STREAM : request.get(name)) },
      body: request.body ?? null,
      raw: request,
      context: { ...caller, stream, operation },
    });
    if (body === null || typeof body === 'string')
      return void response
        .status(status)
        .set({ ...headers })
        .json(refusalOf(body));
    const letGo = onceCredentialEnds(caller.credential, services.revocations, (why) =>
      stream.end(why === 'expired' ? 'The token has expired' : 'The credential was taken back'),
    );
    this.#open.add(stream);
    try {
      operation.end(await stream.carry(body));
    } catch (error) {
      operation.mask([error]);
      operation.end({ outcome: 'completed' });
      response.destroy();
    } finally {
      this.#open.delete(stream);
      letGo();
    }
  }

  /** Whether there is room for one more, until its answer has ended. */
  #enter({ context: { viewer, address } }: Caller, response: Response): boolean {
    const { ofUsers, ofAddresses } = this.options.connections;
    const leaveAddress = ofAddresses.enter(address);
    if (!leaveAddress) return false;
    response.once('close', leaveAddress);
    if (!viewer) return true;
    const leaveUser = ofUsers.enter(viewer.id);
    if (leaveUser) response.once('close', leaveUser);
    return leaveUser !== undefined;
  }
}

/** What is to be executed; or why not, as the one event of a stream; or HTTP 401. */
function begin(
  { isCredentialBad, context, operation: logged, stream }: Asked,
  params: RequestParams,
  documents: Documents,
) {
  if (params.operationName != null && typeof params.operationName !== 'string')
    return answer(400, refusal('BAD_REQUEST', 'The operation name must be a string'));
  const args = documents.prepare(params, context, logged);
  // With `data`, for that is what graphql-sse knows a result by.
  if (Array.isArray(args)) return { data: undefined, errors: args } as unknown as ExecutionResult;
  const { document, operationName } = args;
  const operation = getOperationAST(document, operationName);
  if (!isCredentialBad || (operation && isPublic(operation, document)))
    return { ...args, room: () => stream.room() } as OperationArgs<Context>;
  const { message, extensions } = badCredential();
  return answer(401, refusal(String(extensions.code), message), { 'www-authenticate': CHALLENGE });
}

const answer = (status: number, body: object, headers: Record<string, string> = {}): Result => [
  JSON.stringify(body),
  { status, statusText: '', headers },
];

/** graphql-sse's own refusals have a message and no code. */
function refusalOf(body: string | null) {
  const { errors } = JSON.parse(body ?? '{}');
  const [error] = errors ?? [];
  return error?.extensions ? { errors } : refusal('BAD_REQUEST', error?.message ?? 'The request is malformed');
}

/** A request that a browser may have sent for a page without asking, and one that takes no events. */
const refuseOthers: RequestHandler = (request, response, next) => {
  if (!['GET', 'POST'].includes(request.method))
    return void response
      .status(405)
      .set('allow', 'GET, POST')
      .json(refusal('BAD_REQUEST', 'Streams are asked for by POST or GET'));
  if (!request.accepts(EVENT_STREAM))
    return void response.status(406).json(refusal('BAD_REQUEST', `This path answers ${EVENT_STREAM} alone`));
  if (!isPreflighted(request))
    return void response
      .status(400)
      .json(
        refusal(
          'BAD_REQUEST',
          `Send content-type: application/json, or one of the headers ${PREFLIGHTED_HEADERS.join(', ')}`,
        ),
      );
  next();
};
