/** The caller of an HTTP request: its credential and its context. */
import type { Request } from 'express';
import { authenticate, type Credential, isRejected, viewerOf } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import { type Context, createContext, type Services } from '../../api/context.js';
import { requestIdOf } from '../http/request-log.js';
import { userAgentOf } from '../http/user-agent.js';

export type Caller = {
  credential: Credential;
  /** The credential is invalid, expired or revoked. Public fields are executed all the same. */
  isCredentialBad: boolean;
  context: Context;
};

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

/** The header WWW-Authenticate of an HTTP 401. */
export const CHALLENGE = 'Bearer error="invalid_token"';
