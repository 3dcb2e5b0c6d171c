/** Limits the requests that one address has under way: a client that pipelines requests and reads no response would fill the memory. */
import type { AddressOf } from '../../limits/client-address.js';
import type { ConcurrencyLimit } from '../../limits/concurrency-limit.js';
import { sendTooMany } from './error-responses.js';
import type { Middleware } from './middleware.js';

export const limitConcurrency =
  (requests: ConcurrencyLimit, addressOf: AddressOf): Middleware =>
  (request, response, next) => {
    const release = requests.acquire(addressOf(request));
    if (!release) return sendTooMany(response, 'requests at once');
    response.once('close', release);
    next();
  };
