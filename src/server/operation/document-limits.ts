/** How much one document, one socket and one request may ask for: one list for every door. */
import type { ParseOptions } from 'graphql';

export const parseOptions: ParseOptions = { maxTokens: 1_500 };

/** Bytes of one request body, and of one message on a socket: two texts of 10,000 characters fit, escaped to twelve bytes each as JSON allows. */
export const MAX_REQUEST_BYTES = 256 * 1024;

/** Errors that one document is told of; graphql-js adds a last one that says so. */
export const MAX_VALIDATION_ERRORS = 4;

/** The same where values are refused, of which graphql-js tells more. */
export const MAX_REQUEST_ERRORS = MAX_VALIDATION_ERRORS + 1;

/** Fields within fields. */
export const MAX_DEPTH = 12;

/** As GraphiQL's own query needs for types of types (of lists of values that are not null ...). */
export const MAX_INTROSPECTION_DEPTH = 15;

/** How often one document may contain each. */
export const MAX_ALIASES = 30;
export const MAX_DIRECTIVES = 9;
export const MAX_FRAGMENTS = 30;
export const MAX_SPREADS = 60;
/** `__schema` is the whole schema; `__type` is one type, and tools ask for some before they ask for the schema. */
export const MAX_SCHEMAS = 2;
export const MAX_TYPES = 20;

/** Values that one answer may hold, as `cost.ts` estimates them: 100 generations with all that belongs to each, and some to spare. */
export const MAX_COST = 20_000;

/** Parts that one message on a socket may come in. */
export const MAX_FRAMES = 128;

/** Operations of one socket at once. */
export const MAX_OPERATIONS = 100;

/** The same in bytes of what asked for them, which is kept as long as they run. */
export const MAX_OPERATION_BYTES = 4 * MAX_REQUEST_BYTES;

/** Queries and mutations of one socket that are answered at once: an answer may have megabytes, and is kept until it is read. */
export const MAX_ANSWERS = 10;

/** Of what one socket was sent and has not been read: with more, the next answer is not even written down. */
export const MAX_UNREAD_BYTES = 256 * 1024;

/** Messages of one socket: as many at once, and so many a second on average. A client that comes back subscribes to all it had. */
export const MESSAGES = { burst: 200, perSecond: 50 };
