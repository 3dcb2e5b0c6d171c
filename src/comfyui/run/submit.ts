/** Submits one prompt, and interprets the response. */
import { type ComfyUIError, PromptRefusedError, RequestRefusedError, UnsupportedError } from '../protocol/errors.js';
import type { Graph, PromptAccepted, PromptRequest, ValidationError } from '../protocol/protocol.js';
import { toAccepted, toRefused } from '../protocol/responses.js';
import { REQUIREMENT } from '../protocol/support.js';
import { expected, type Http, type JsonResponse } from '../transport/http/http.js';
import type { Logger } from '../transport/logger.js';
import type { Sockets } from '../transport/socket/sockets.js';
import type { ComfyUITimings } from '../transport/timings.js';
import { type CancelRoutes, cancel } from './cancel.js';

const TOO_LARGE = 413;
/** Request timeout, too early, too many requests: the client should retry. */
const TRANSIENT = [408, 425, 429];

export type SubmitRequest = {
  /** A lowercase UUID: newer versions refuse anything else. */
  promptId: string;
  graph: Graph;
  /** The socket that receives the prompt's messages; by default the open one. */
  clientId?: string;
  /** Merged into `extra_data`, which ComfyUI keeps with the prompt. */
  extraData?: Record<string, unknown>;
};

type SubmitContext = {
  comfyui: CancelRoutes;
  http: Http;
  sockets: Sockets;
  timings: ComfyUITimings;
  logger: Logger;
};

export async function submit(
  context: SubmitContext,
  { promptId, graph, clientId = context.sockets.clientId, extraData }: SubmitRequest,
  signal: AbortSignal | undefined,
): Promise<PromptAccepted> {
  const request: PromptRequest = {
    prompt: graph,
    prompt_id: promptId,
    // Always set: without it ComfyUI sends the prompt's messages to every socket.
    client_id: clientId,
    // ComfyUI sends no previews by default. 0.4.0 and newer take this for one prompt; older versions ignore it.
    extra_data: { preview_method: 'auto', ...extraData },
  };
  const sentAt = performance.now();
  const result = toResult(await context.http.post('/prompt', request, signal), promptId);
  context.sockets.expectStatus(sentAt);
  if (result.type === 'accepted') return result.accepted;
  throw result.toError(await cancelUnwanted(context, result.promptId, signal));
}

type SubmitResult =
  | { type: 'accepted'; accepted: PromptAccepted }
  /** ComfyUI queued a prompt that must not run: it has to be canceled before this error is thrown. */
  | { type: 'unwanted'; promptId: string; toError: (gone: boolean) => ComfyUIError };

/**
 * @throws PromptRefusedError if nothing was queued because of the graph, RequestRefusedError or UnsupportedError if nothing was queued
 *   because of the server, UnreachableError if the response does not say
 */
function toResult(response: JsonResponse, promptId: string): SubmitResult {
  if (response.status === TOO_LARGE)
    throw new PromptRefusedError(validationError('prompt_too_large', 'The prompt is too large'), {});
  const refused = response.status === 400 ? toRefused(response.body) : undefined;
  if (refused?.error.type === 'invalid_prompt_id')
    throw new UnsupportedError(`${REQUIREMENT}: this one rejects a lowercase UUID`);
  if (refused) throw new PromptRefusedError(refused.error, refused.node_errors);
  if (response.status >= 400 && response.status < 500 && !TRANSIENT.includes(response.status))
    throw new RequestRefusedError(`POST /prompt returned ${response.status}`, response.status);

  const accepted = expected('POST /prompt', response, toAccepted);
  if (accepted.prompt_id !== promptId) {
    const toError = () => new UnsupportedError(`${REQUIREMENT}: this one replaces it with its own`);
    return { type: 'unwanted', promptId: accepted.prompt_id, toError };
  }
  if (Object.keys(accepted.node_errors).length === 0) return { type: 'accepted', accepted };
  // Some outputs are invalid. ComfyUI runs the others and reports success.
  const error = validationError('prompt_outputs_failed_validation', 'Prompt outputs failed validation');
  const toError = (gone: boolean) => new PromptRefusedError(error, accepted.node_errors, { gone });
  return { type: 'unwanted', promptId, toError };
}

/** Returns whether the prompt is known to be canceled. */
async function cancelUnwanted(
  { comfyui, timings, logger }: SubmitContext,
  promptId: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(timings.unwantedPromptTimeoutMs);
  try {
    await cancel(comfyui, promptId, timings, signal ? AbortSignal.any([signal, timeout]) : timeout);
    return true;
  } catch (error) {
    logger.warn({ err: error, promptId }, 'could not cancel a prompt that ComfyUI queued but must not run');
    return false;
  }
}

const validationError = (type: string, message: string): ValidationError => ({
  type,
  message,
  details: '',
  extra_info: {},
});
