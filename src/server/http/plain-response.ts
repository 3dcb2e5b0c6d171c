/** Answers of HTTP that no resolver had a part in. */
import type { Response } from 'express';

export const refusal = (code: string, message: string, extensions: object = {}) => ({
  errors: [{ message, extensions: { code, ...extensions } }],
});

/** Of what ends by itself soon. */
export const answerTooMany = (response: Response, what: string): void =>
  void response
    .status(429)
    .set('Retry-After', '1')
    .json(refusal('RATE_LIMITED', `Too many ${what}`, { retryAfter: 1 }));
