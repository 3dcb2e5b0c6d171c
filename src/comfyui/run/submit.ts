/** What is sent to be queued, and what the answer to it means. */

import { type ComfyUIError, PromptRefusedError, RequestRefusedError, UnsupportedError } from '../protocol/errors.js';
import type { Graph, PromptAccepted, ValidationError } from '../protocol/protocol.js';
import { toAccepted, toRefused } from '../protocol/responses.js';
import { REQUIREMENT } from '../protocol/support.js';
import { expected, type JsonAnswer } from '../transport/http.js';

const TOO_LARGE = 413;
/** Too early, too many: these ask to come again. */
const TRANSIENT = [408, 425, 429];

export type SubmitRequest = {
  /** A lowercase UUID: newer versions refuse anything else. */
  promptId: string;
  graph: Graph;
  /** The socket that is told of it; the one that is open unless told. */
  clientId?: string;
  extraData?: Record<string, unknown>;
};

export type Judgement =
  | { verdict: 'accepted'; accepted: PromptAccepted }
  /** ComfyUI queued what we do not want to run: it is to be taken back, and then this error thrown. */
  | { verdict: 'unwanted'; promptId: string; toError: (gone: boolean) => ComfyUIError };

/**
 * Throws PromptRefusedError where nothing was queued for the graph's sake, RequestRefusedError or UnsupportedError where nothing was for
 * the server's, and UnreachableError where the answer says nothing.
 */
export function judge(answer: JsonAnswer, promptId: string): Judgement {
  if (answer.status === TOO_LARGE)
    throw new PromptRefusedError(fault('prompt_too_large', 'The prompt is too large'), {});
  const refused = answer.status === 400 ? toRefused(answer.body) : undefined;
  if (refused?.error.type === 'invalid_prompt_id')
    throw new UnsupportedError(`${REQUIREMENT}; this one refuses a lowercase UUID`);
  if (refused) throw new PromptRefusedError(refused.error, refused.node_errors);
  if (answer.status >= 400 && answer.status < 500 && !TRANSIENT.includes(answer.status))
    throw new RequestRefusedError(`POST /prompt was answered ${answer.status}`, answer.status);

  const accepted = expected('POST /prompt', answer, toAccepted);
  if (accepted.prompt_id !== promptId) {
    const toError = () => new UnsupportedError(`${REQUIREMENT}; this one gives it another`);
    return { verdict: 'unwanted', promptId: accepted.prompt_id, toError };
  }
  if (Object.keys(accepted.node_errors).length === 0) return { verdict: 'accepted', accepted };
  // Some outputs are not valid; ComfyUI runs the others and calls that a success.
  const error = fault('prompt_outputs_failed_validation', 'Prompt outputs failed validation');
  const toError = (gone: boolean) => new PromptRefusedError(error, accepted.node_errors, { gone });
  return { verdict: 'unwanted', promptId, toError };
}

const fault = (type: string, message: string): ValidationError => ({ type, message, details: '', extra_info: {} });
