/** The caller of an HTTP request: its credential, its context, and its client program. */
import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { authenticate, type Credential, isRejected, viewerOf } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import { type Context, createContext, type Services } from '../../api/context.js';
import { requestIdOf } from './request-log.js';

export type Caller = {
  credential: Credential;
  isCredentialBad: boolean;
  context: Context;
};

/** The header WWW-Authenticate of an HTTP 401. */
export const CHALLENGE = 'Bearer error="invalid_token"';

const MAX_USER_AGENT_LENGTH = 300;

export async function callerOf(request: Request, services: Services, tokens: Tokens): Promise<Caller> {
  const credential = await authenticate(request.headers.authorization, tokens, services.orm.em.fork());
  return {
    credential,
    isCredentialBad: isRejected(credential),
    context: createContext(
      services,
      viewerOf(credential),
      requestIdOf(request),
      services.addressOf(request),
      userAgentOf(request),
    ),
  };
}

/** Users see it in the list of their sessions. */
export const userAgentOf = ({ headers }: IncomingMessage): string | null =>
  headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH).trim() || null;
