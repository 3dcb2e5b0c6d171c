/** HTTP responses with a GraphQL error that come from no operation. */
import type { Response } from 'express';

export const errorBody = (code: string, message: string, extensions: object = {}) => ({
  errors: [{ message, extensions: { code, ...extensions } }],
});

/** The client may retry at once: what is open now ends soon. */
export const sendTooMany = (response: Response, what: string): void =>
  void response
    .status(429)
    .set('Retry-After', '1')
    .json(errorBody('RATE_LIMITED', `Too many ${what}`, { retryAfter: 1 }));
