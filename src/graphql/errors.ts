/** Errors that the caller caused, one function each. Every code is in the contract; every other error is masked. */
import type { MissingPart } from './missing-part.js';

const ErrorCode = {
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

type RefusalDetails = {
  /** The name of the invalid input. */
  field?: string;
  /** The node of the graph that is at fault. */
  nodeId?: string;
  suggestions?: string[];
  /** Models and node classes that the backend with the fewest problems lacks. */
  missing?: MissingPart[];
  limit?: number;
  used?: number;
  /** In seconds. */
  retryAfter?: number;
};

/** A rule of the domain refuses what the caller wants. `server/operation` turns it into a GraphQL error. */
export class Refusal extends Error {
  override name = 'Refusal';

  constructor(
    readonly code: keyof typeof ErrorCode,
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(message);
  }
}

/** The caller has no credential, or an invalid one. */
export const unauthenticated = (message = 'Sign in to do this') => new Refusal('UNAUTHENTICATED', message);

export const invalidCredentials = () =>
  new Refusal('INVALID_CREDENTIALS', 'The email address or the password is wrong');

export const forbidden = (message: string) => new Refusal('FORBIDDEN', message);

export const notFound = (what: string) => new Refusal('NOT_FOUND', `There is no such ${what}`);

export const conflict = (message: string) => new Refusal('CONFLICT', message);

export const rateLimited = (
  details: { limit: number; retryAfter: number },
  message = `Rate limit exceeded: try again in ${details.retryAfter} seconds`,
) => new Refusal('RATE_LIMITED', message, details);

export const quotaExceeded = (message: string, details: { limit: number; used: number; retryAfter: number }) =>
  new Refusal('QUOTA_EXCEEDED', message, details);

export const comfyuiUnavailable = (message: string) => new Refusal('COMFYUI_UNAVAILABLE', message);

export const badUserInput = (message: string, field?: string, details: RefusalDetails = {}) =>
  new Refusal('BAD_USER_INPUT', message, field ? { field, ...details } : details);
