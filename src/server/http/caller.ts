/** The caller of an HTTP request: its credential, its context, and its client program. */
import type { IncomingMessage } from 'node:http';
import { type Presented, present } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import { type Context, createContext, type Services } from '../../api/context.js';
import { requestIdOf } from './request-log.js';

export type Caller = Presented & {
  /** For the claimed viewer: an operation waits for the check of the credential, or begins beside it as in `begin-early.ts`. */
  context: Context;
};

/** The header WWW-Authenticate of an HTTP 401. */
export const CHALLENGE = 'Bearer error="invalid_token"';

const MAX_USER_AGENT_LENGTH = 300;

export function callerOf(request: IncomingMessage, services: Services, tokens: Tokens): Caller {
  const presented = present(request.headers.authorization, tokens, services);
  const address = services.addressOf(request);
  return {
    ...presented,
    context: createContext(services, presented.claimed, requestIdOf(request), address, userAgentOf(request)),
  };
}

/** Users see it in the list of their sessions. */
export const userAgentOf = ({ headers }: IncomingMessage): string | null =>
  headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH).trim() || null;
