import type { RetryDelays } from './backoff.js';

/** How long the client waits for a ComfyUI, in milliseconds. */
export type ComfyUITimings = RetryDelays & {
  /** How often a run asks the records while the socket says nothing. */
  recheckIntervalMs: number;
  /** For one response, to its last byte; for a file, from chunk to chunk. */
  requestTimeoutMs: number;
  /** For the whole class catalogue, to its last byte: ComfyUI may need a minute to write it, and nothing waits for it meanwhile. */
  catalogueTimeoutMs: number;
  /** For one file, however slowly it comes. */
  fileTimeoutMs: number;
  handshakeTimeoutMs: number;
  /** A peer that answers nothing for one whole interval is gone. */
  pingIntervalMs: number;
  /** How long the `status` may take after a prompt was accepted: ComfyUI sends it at once, but one slow client delays all. */
  statusTimeoutMs: number;
  /** How long a POST that is under way may take to arrive: until then a prompt that was never seen may yet come. */
  inFlightTimeoutMs: number;
  /** How long a prompt of which a part was refused is canceled, before the refusal is thrown. */
  takeBackTimeoutMs: number;
};

export const COMFYUI_TIMINGS: ComfyUITimings = {
  retryDelayMs: 250,
  longestRetryDelayMs: 5_000,
  recheckIntervalMs: 2_000,
  requestTimeoutMs: 15_000,
  catalogueTimeoutMs: 10 * 60_000,
  fileTimeoutMs: 10 * 60_000,
  handshakeTimeoutMs: 10_000,
  pingIntervalMs: 5_000,
  statusTimeoutMs: 3_000,
  inFlightTimeoutMs: 2_000,
  takeBackTimeoutMs: 5_000,
};
