import type { RetryDelays } from './backoff.js';

/** The client's intervals and time limits, in milliseconds. */
export type ComfyUITimings = RetryDelays & {
  /** How often a run checks the queue and the history while the socket is silent. */
  recheckIntervalMs: number;
  /** For one JSON response, to its last byte; for a file, between two chunks. */
  requestTimeoutMs: number;
  /** For all of `/object_info`, to its last byte: ComfyUI may need a minute to write it. */
  catalogueTimeoutMs: number;
  /** For one file, to its last byte. */
  fileTimeoutMs: number;
  handshakeTimeoutMs: number;
  /** A socket that sends nothing for a whole interval, not even a pong, is closed. */
  pingIntervalMs: number;
  /** How long the `status` message may take after a prompt was accepted: ComfyUI sends it at once, but one slow client delays all. */
  statusTimeoutMs: number;
  /** How long a POST may take to arrive: until then an unknown prompt may still appear. */
  inFlightTimeoutMs: number;
  /** How long to try to cancel a prompt that ComfyUI queued although parts of it are invalid, before the error is thrown. */
  unwantedPromptTimeoutMs: number;
};

export const COMFYUI_TIMINGS: ComfyUITimings = {
  retryDelayMs: 250,
  maxRetryDelayMs: 5_000,
  recheckIntervalMs: 2_000,
  requestTimeoutMs: 15_000,
  catalogueTimeoutMs: 10 * 60_000,
  fileTimeoutMs: 10 * 60_000,
  handshakeTimeoutMs: 10_000,
  pingIntervalMs: 5_000,
  statusTimeoutMs: 3_000,
  inFlightTimeoutMs: 2_000,
  unwantedPromptTimeoutMs: 5_000,
};
