/** How much one document may ask for: one list for every door. */
import type { ParseOptions } from 'graphql';

export const parseOptions: ParseOptions = { maxTokens: 2_000 };

/** Bytes of one request body, and of one message on a socket. */
export const MAX_REQUEST_BYTES = 256 * 1024;

/** Errors that one document is told of. */
export const MAX_VALIDATION_ERRORS = 5;
