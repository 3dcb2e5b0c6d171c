/** The errors of the client. Their messages contain no server paths, prompts or tracebacks, so they may be logged and displayed. */
import type { NodeErrors, NodeId, ValidationError } from './protocol.js';

const NODES_NAMED = 5;

export class ComfyUIError extends Error {
  override name = 'ComfyUIError';
}

/**
 * ComfyUI gave no usable response: no connection, a timeout, a status that says nothing about the request (5xx, a redirect), or a body that
 * the route does not return. A retry may succeed.
 */
export class UnreachableError extends ComfyUIError {
  override name = 'UnreachableError';
  /** Whether ComfyUI may have received the request, and so may have acted on it. */
  readonly sent: boolean;

  constructor(message: string, { sent = true, ...options }: ErrorOptions & { sent?: boolean } = {}) {
    super(message, options);
    this.sent = sent;
  }
}

/** This ComfyUI cannot be used at all: it is too old, or a fork with another protocol. */
export class UnsupportedError extends ComfyUIError {
  override name = 'UnsupportedError';
}

/** ComfyUI responds, but not to `POST /prompt`: several in a row had no usable response. */
export class SubmitFailedError extends ComfyUIError {
  override name = 'SubmitFailedError';
}

/**
 * ComfyUI, or a proxy before it, rejected a request. `status` is 4xx; 404 means that a file does not exist. A retry would have the same
 * result.
 */
export class RequestRefusedError extends ComfyUIError {
  override name = 'RequestRefusedError';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** ComfyUI rejected the graph or a part of it. A retry would have the same result. */
export class PromptRefusedError extends ComfyUIError {
  override name = 'PromptRefusedError';
  readonly error: ValidationError;
  readonly nodeErrors: NodeErrors;
  /** False if ComfyUI had queued the valid part, and has not confirmed that it is canceled. */
  readonly gone: boolean;

  constructor(error: ValidationError, nodeErrors: NodeErrors, { gone = true }: { gone?: boolean } = {}) {
    super(`ComfyUI rejected the prompt: ${error.type}${named(Object.keys(nodeErrors))}`);
    this.error = error;
    this.nodeErrors = nodeErrors;
    this.gone = gone;
  }
}

/** ComfyUI had the prompt and no longer knows it: it restarted, another client deleted the prompt, or the history was truncated. */
export class PromptLostError extends ComfyUIError {
  override name = 'PromptLostError';

  constructor(
    readonly promptId: string,
    /** Whether the socket had reported `execution_success`: then all outputs were made, and `view` may still return them. */
    readonly succeeded: boolean,
    /** Whether it was pending when it was lost. `perhaps`: ComfyUI went away, and the prompt was seen neither pending nor running. */
    readonly waited: 'seen' | 'perhaps' | 'no',
  ) {
    super(`ComfyUI lost prompt ${promptId}: it is neither in its queue nor in its history`);
  }
}

function named(ids: NodeId[]): string {
  if (ids.length === 0) return '';
  const more = ids.length > NODES_NAMED ? ', …' : '';
  return ` (${ids.length === 1 ? 'node' : 'nodes'} ${ids.slice(0, NODES_NAMED).join(', ')}${more})`;
}
