/** The limits of one document, one socket and one request, the same for every transport. */
import type { ParseOptions } from 'graphql';

export const parseOptions: ParseOptions = { maxTokens: 1_500 };

/**
 * Max bytes of one request body, and of one message on a socket: two texts of 10,000 characters fit, even where JSON escapes each character
 * to twelve bytes.
 */
export const MAX_REQUEST_BYTES = 256 * 1024;

/** Max validation errors of one document; graphql-js adds one more that says that it has stopped. */
export const MAX_VALIDATION_ERRORS = 4;

/** Max errors of a request that is not executed: graphql-js reports more errors of variables. */
export const MAX_REQUEST_ERRORS = MAX_VALIDATION_ERRORS + 1;

/** Max levels of nested fields. */
export const MAX_DEPTH = 12;

/** GraphiQL's introspection query needs this many for wrapped types, such as a non-null list of non-null values. */
export const MAX_INTROSPECTION_DEPTH = 15;

/** Max occurrences in one document. */
export const MAX_ALIASES = 30;
export const MAX_DIRECTIVES = 9;
export const MAX_FRAGMENTS = 30;
export const MAX_SPREADS = 60;
/** Tools read several types by `__type` before they read the whole schema. */
export const MAX_SCHEMAS = 2;
export const MAX_TYPES = 20;

/** Max values of one response, as `cost.ts` estimates them: 100 generations with all of their fields, and some more. */
export const MAX_COST = 20_000;

/** Max frames of one message on a socket. */
export const MAX_FRAMES = 128;

/** Max running and waiting operations of one socket. */
export const MAX_OPERATIONS = 100;

/** Max bytes of the messages that started these operations. They stay in memory as long as the operations run. */
export const MAX_OPERATION_BYTES = 4 * MAX_REQUEST_BYTES;

/** Max queries and mutations of one socket that execute at once: a response may have megabytes, and stays in memory until the client reads it. */
export const MAX_CONCURRENT_RESPONSES = 10;

/** Max unread bytes per socket; above it we stop producing responses. */
export const MAX_UNREAD_BYTES = 256 * 1024;

/** Max messages of one socket. The burst is for a client that reconnects and subscribes to everything again. */
export const MESSAGES = { burst: 200, perSecond: 50 };
