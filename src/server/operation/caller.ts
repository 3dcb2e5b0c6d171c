/** Who sends a request over HTTP, for whichever door it goes through. */
import { HeaderMap } from '@apollo/server';
import type { Request } from 'express';
import { authenticate, type Credential, isRejected, viewerOf } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import { type Context, createContext, type Services } from '../../api/context.js';
import { unauthenticated } from '../../graphql/errors.js';
import { requestIdOf } from '../http/request-log.js';
import { userAgentOf } from '../http/user-agent.js';

export type Caller = {
  credential: Credential;
  /** It came with a credential that does not count; whether that matters depends on what is asked. */
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

export const CHALLENGE = 'Bearer error="invalid_token"';

/** HTTP 401, for what needs more than a bad credential. */
export const badCredential = () =>
  unauthenticated('The credential is wrong or has expired', {
    status: 401,
    headers: new HeaderMap([['www-authenticate', CHALLENGE]]),
  });
