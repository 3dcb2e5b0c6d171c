/** Lets a client in that introduces itself on a socket, and keeps it in for as long as its credential is good. */
import type { IncomingMessage } from 'node:http';
import { CloseCode } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { authenticate, type Credential, isRejected } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Services } from '../../api/context.js';
import type { Tally } from '../../limits/concurrency-limit.js';
import { type EndOfCredential, onceCredentialEnds } from '../operation/credential-end.js';
import type { OperationLog } from '../operation/operation-log.js';
import type { Outbox } from './send-buffer.js';
import { closeBroken, TOO_MANY } from './socket.js';
import { EXPECTED_CREDENTIAL, type PresentedCredential } from './socket-credential.js';
import type { Operations } from './socket-operations.js';

/** What is known of a socket while it is open. */
export type OpenSocket = {
  socket: WebSocket;
  /** The upgrade. */
  request: IncomingMessage;
  address: string;
  credential: Credential;
  log: OperationLog;
  outbox: Outbox;
  /** What runs on it, once something does. */
  operations?: Operations;
  /** Forgets that it is to be closed when its credential is good no longer. */
  letGo?: () => void;
  /** Makes room for another socket of this user. */
  leave?: () => void;
};

export type IntroductionOptions = {
  services: Services;
  tokens: Tokens;
  ofUsers: Tally;
  timeoutMs: number;
  logger: Logger;
};

/** Whether it is let in; where it is not, the socket has been closed. Never rejects. */
export async function introduce(
  presented: PresentedCredential,
  open: OpenSocket,
  { services, tokens, ofUsers, timeoutMs, logger }: IntroductionOptions,
): Promise<boolean> {
  const { socket } = open;
  if (presented === 'unreadable') {
    socket.close(CloseCode.Unauthorized, EXPECTED_CREDENTIAL);
    return false;
  }
  const authorization = presented === 'none' ? undefined : presented.authorization;
  // The protocol's time limit ends with the introduction; a client that is closed by this one comes back.
  const impatience = setTimeout(
    () => socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    timeoutMs,
  );
  try {
    const credential = await authenticate(authorization, tokens, services.orm.em.fork());
    if (isRejected(credential)) {
      // A client retries 4403 with a fresh token; a token that was never good is not worth trying again.
      if (credential.rejected === 'invalid') socket.close(CloseCode.Unauthorized, 'The token is wrong');
      else closeForbidden(socket, credential.rejected);
      return false;
    }
    // It may have closed while the database was asked.
    if (credential === 'none' || socket.readyState !== socket.OPEN) return true;
    const leave = ofUsers.enter(credential.viewer.id);
    if (!leave) {
      closeTooMany(socket);
      return false;
    }
    open.leave = leave;
    open.credential = credential;
    open.log.userId = credential.viewer.id;
    // An expired token ends its socket; the client comes back with a fresh one.
    open.letGo = onceCredentialEnds(credential, services.revocations, (why) => closeForbidden(socket, why));
    return true;
  } catch (error) {
    closeBroken(socket, error, logger);
    return false;
  } finally {
    clearTimeout(impatience);
  }
}

export const closeTooMany = (socket: WebSocket): void => socket.close(TOO_MANY, 'Too many connections');

const closeForbidden = (socket: WebSocket, why: EndOfCredential): void =>
  socket.close(CloseCode.Forbidden, why === 'expired' ? 'The token has expired' : 'The credential was taken back');
