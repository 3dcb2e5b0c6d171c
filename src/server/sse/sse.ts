/**
 * GraphQL over server-sent events, with one connection for each operation: subscriptions, and any other operation. The rules are those of
 * HTTP. https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
import express, { type Request, type Response, Router } from 'express';
import type { ExecutionResult } from 'graphql';
import {
  createHandler,
  type Handler,
  type OperationArgs,
  type OperationResult,
  type RequestParams,
  type Response as SseResponse,
} from 'graphql-sse';
import type { Logger } from 'pino';
import { isRejected, viewerOf } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Context, Services } from '../../api/context.js';
import type { ConnectionLimits } from '../../limits/concurrency-limit.js';
import type { Metrics } from '../../metrics/metrics.js';
import { CHALLENGE, callerOf } from '../http/caller.js';
import { errorBody, sendTooMany } from '../http/error-responses.js';
import { EVENT_STREAM } from '../http/graphql/stream-choice.js';
import { CREDENTIAL_END_REASONS, onCredentialEnd } from '../operation/credential-end.js';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import { execute } from '../operation/execute.js';
import { LoggedOperation } from '../operation/operation-log.js';
import type { Pipeline } from '../operation/pipeline.js';
import { subscribe } from '../operation/subscribe.js';
import { checkRequest } from './check-request.js';
import { EventStream } from './event-stream.js';

export type StreamOptions = {
  pipeline: Pipeline;
  services: Services;
  tokens: Tokens;
  connections: ConnectionLimits;
  metrics: Metrics;
  logger: Logger;
};

type StreamRequest = { context: Context; isCredentialBad: boolean; stream: EventStream; logged: LoggedOperation };

export class Streams {
  readonly router = Router();
  readonly #open = new Set<EventStream>();
  readonly #handle: Handler<Request, StreamRequest>;

  constructor(private readonly options: StreamOptions) {
    const { pipeline } = options;
    this.#handle = createHandler<Request, StreamRequest, Context>({
      // One connection for each operation: streams share nothing that a token would name.
      authenticate: () => null,
      onSubscribe: ({ context }, params) => prepare(context, params, pipeline),
      // The pipeline has validated the document.
      validate: () => [],
      execute: (args) => execute(args) as OperationResult,
      subscribe: (args) => subscribe(args) as OperationResult,
      onNext: (_, { context: { logged } }, result) => logged.maskResult(result) as unknown as ExecutionResult,
    });
    this.router.use(checkRequest, express.json({ limit: MAX_REQUEST_BYTES }), (request, response) =>
      this.#serve(request, response),
    );
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Ends every stream; clients reconnect. */
  close(): void {
    for (const stream of this.#open) stream.end('The server is shutting down');
  }

  async #serve(request: Request, response: Response): Promise<void> {
    const { services, tokens, metrics, logger } = this.options;
    const caller = callerOf(request, services, tokens);
    const { context } = caller;
    const credential = await caller.credential;
    context.viewer = viewerOf(credential);
    // A closed response emits no more `close`, which releases the connection's slot.
    if (response.closed) return;
    if (!this.#acquire(context, response)) return sendTooMany(response, 'connections');
    const stream = new EventStream(response);
    const { requestId, viewer } = context;
    const logged = new LoggedOperation(logger, metrics, requestId, viewer?.id);
    const [body, { status, headers }] = await this.#handle({
      method: request.method,
      url: request.originalUrl,
      headers: { get: (name) => (name === 'accept' ? EVENT_STREAM : request.get(name)) },
      body: request.body ?? null,
      raw: request,
      context: { context, isCredentialBad: isRejected(credential), stream, logged },
    });
    if (body === null || typeof body === 'string')
      return void response
        .status(status)
        .set({ ...headers })
        .json(withCode(body));
    const release = onCredentialEnd(credential, services.revocations, (why) => stream.end(CREDENTIAL_END_REASONS[why]));
    this.#open.add(stream);
    try {
      logged.end(await stream.write(body));
    } catch (error) {
      logged.mask([error]);
      logged.end({ outcome: 'completed' });
      response.destroy();
    } finally {
      this.#open.delete(stream);
      release();
    }
  }

  /** @returns false if the caller has too many connections; the slot is released when the response closes */
  #acquire({ viewer, address }: Context, response: Response): boolean {
    const { perUser, perAddress } = this.options.connections;
    const releaseAddress = perAddress.acquire(address);
    if (!releaseAddress) return false;
    response.once('close', releaseAddress);
    if (!viewer) return true;
    const releaseUser = perUser.acquire(viewer.id);
    if (releaseUser) response.once('close', releaseUser);
    return releaseUser !== undefined;
  }
}

/** @returns what to execute; or why not, as the only event of the stream or as an HTTP response */
function prepare({ stream, ...caller }: StreamRequest, params: RequestParams, pipeline: Pipeline) {
  if (params.operationName != null && typeof params.operationName !== 'string')
    return respond(400, errorBody('BAD_REQUEST', 'The operation name must be a string'));
  const prepared = pipeline.prepare(params, { ...caller, outlet: stream });
  if (!('errors' in prepared)) return prepared as OperationArgs<Context>;
  const { errors, status } = prepared;
  // graphql-sse takes an object with the key `data` for a result.
  if (status !== 401) return { data: undefined, errors } as unknown as ExecutionResult;
  return respond(401, { errors: caller.logged.mask(errors) }, { 'www-authenticate': CHALLENGE });
}

const respond = (status: number, body: object, headers: Record<string, string> = {}): SseResponse => [
  JSON.stringify(body),
  { status, statusText: '', headers },
];

/** graphql-sse's own errors have a message and no code. */
function withCode(body: string | null) {
  const { errors } = JSON.parse(body ?? '{}');
  const [error] = errors ?? [];
  return error?.extensions ? { errors } : errorBody('BAD_REQUEST', error?.message ?? 'The request is malformed');
}
