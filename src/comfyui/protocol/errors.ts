/** What can go wrong with a ComfyUI, as errors. Their messages hold no paths, prompts or tracebacks, so they may be logged and shown. */
import type { NodeErrors, NodeId, ValidationError } from './protocol.js';

const NODES_NAMED = 5;

export class ComfyUIError extends Error {
  override name = 'ComfyUIError';
}

/**
 * ComfyUI gave no usable answer: no connection, no answer in time, a status that says nothing about the request (5xx, a
 * redirect), or a body that is not what the route answers. It may be another time: try again.
 */
export class UnreachableError extends ComfyUIError {
  override name = 'UnreachableError';
  /** Whether the request may have reached ComfyUI, and so may have been acted on. */
  readonly sent: boolean;

  constructor(message: string, { sent = true, ...options }: ErrorOptions & { sent?: boolean } = {}) {
    super(message, options);
    this.sent = sent;
  }
}

/** This ComfyUI cannot be used, whatever it is sent: it is too old, or a fork that works in another way. */
export class UnsupportedError extends ComfyUIError {
  override name = 'UnsupportedError';
}

/** ComfyUI answers what it is asked, and takes no prompt: it answered each of several POSTs with something that says nothing. */
export class SubmitFailedError extends ComfyUIError {
  override name = 'SubmitFailedError';
}

/**
 * ComfyUI, or what stands before it, understood a request and said no. `status` is 4xx: 404 where a file does not exist. The same request
 * has the same answer another time.
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

/** ComfyUI looked at the graph and will not run it, or not all of it. Sending it again changes nothing. */
export class PromptRefusedError extends ComfyUIError {
  override name = 'PromptRefusedError';
  readonly error: ValidationError;
  readonly nodeErrors: NodeErrors;
  /** False where ComfyUI had queued the part that is valid, and has not been seen to have dropped it. */
  readonly gone: boolean;

  constructor(error: ValidationError, nodeErrors: NodeErrors, { gone = true }: { gone?: boolean } = {}) {
    super(`ComfyUI refused the prompt: ${error.type}${named(Object.keys(nodeErrors))}`);
    this.error = error;
    this.nodeErrors = nodeErrors;
    this.gone = gone;
  }
}

/** ComfyUI had the prompt and knows it no more: it restarted, someone deleted it, or its history was cut. */
export class PromptLostError extends ComfyUIError {
  override name = 'PromptLostError';

  constructor(
    readonly promptId: string,
    /** Whether its socket had said `execution_success`: then all its outputs were made, and may still be viewed. */
    readonly succeeded: boolean,
    /** Whether it was lost with the queue in which it waited: `perhaps` where ComfyUI went away, and it was neither seen to wait nor to begin. */
    readonly waited: 'seen' | 'perhaps' | 'no',
  ) {
    super(`ComfyUI knows prompt ${promptId} no more: it is neither queued nor in its history`);
  }
}

function named(ids: NodeId[]): string {
  if (ids.length === 0) return '';
  const more = ids.length > NODES_NAMED ? ', …' : '';
  return ` (${ids.length === 1 ? 'node' : 'nodes'} ${ids.slice(0, NODES_NAMED).join(', ')}${more})`;
}
