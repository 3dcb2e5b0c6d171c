/** A step of a request that needs nothing of Express, so that it runs with and without its router. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
