/** The caller's mistakes, one function each. Every code is in the contract; whatever else is thrown is masked. */
import { GraphQLError } from 'graphql';

export const ErrorCode = {
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  INVALID_CREDENTIALS: 'INVALID_CREDENTIALS',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  CONFLICT: 'CONFLICT',
  RATE_LIMITED: 'RATE_LIMITED',
  QUOTA_EXCEEDED: 'QUOTA_EXCEEDED',
  COMFYUI_UNAVAILABLE: 'COMFYUI_UNAVAILABLE',
} as const;

const fault = (code: keyof typeof ErrorCode, message: string, extensions: Record<string, unknown> = {}) =>
  new GraphQLError(message, { extensions: { code, ...extensions } });

/** No credential, or one that does not count. `http`, for the door of that name, is set only where the credential itself was bad. */
export const unauthenticated = (
  message = 'Sign in to do this',
  http?: { status: number; headers: Map<string, string> },
) => fault('UNAUTHENTICATED', message, http ? { http } : {});

export const invalidCredentials = () => fault('INVALID_CREDENTIALS', 'The email address or the password is wrong');

export const forbidden = (message: string) => fault('FORBIDDEN', message);

export const notFound = (what: string) => fault('NOT_FOUND', `There is no such ${what}`);

export const conflict = (message: string) => fault('CONFLICT', message);

/** `retryAfter` in seconds. */
export const rateLimited = (
  extensions: { limit: number; retryAfter: number },
  message = 'This was done too often: wait',
) => fault('RATE_LIMITED', message, extensions);

/** `retryAfter` in seconds. */
export const quotaExceeded = (message: string, extensions: { limit: number; used: number; retryAfter: number }) =>
  fault('QUOTA_EXCEEDED', message, extensions);

/** `field` is the name of the input that was judged. */
export const badUserInput = (message: string, field?: string, extensions: Record<string, unknown> = {}) =>
  fault('BAD_USER_INPUT', message, field ? { field, ...extensions } : extensions);
