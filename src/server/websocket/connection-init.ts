/** Authenticates a socket when its client sends connection_init, and closes the socket when the credential ends. */
import type { IncomingMessage } from 'node:http';
import { CloseCode } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { authenticate, type Credential, isRejected } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Services } from '../../api/context.js';
import type { ConcurrencyLimit } from '../../limits/concurrency-limit.js';
import { CREDENTIAL_END_REASONS, type CredentialEnd, onCredentialEnd } from '../operation/credential-end.js';
import type { OperationLog } from '../operation/operation-log.js';
import type { SendBuffer } from './send-buffer.js';
import { closeAfterError, TOO_MANY } from './socket.js';
import { EXPECTED_CREDENTIAL, type PresentedCredential } from './socket-credential.js';
import type { SocketOperations } from './socket-operations.js';

/** The state of an open socket. */
export type OpenSocket = {
  socket: WebSocket;
  /** The upgrade request, until connection_init. */
  request?: IncomingMessage;
  address: string;
  userAgent: string | null;
  credential: Credential;
  log: OperationLog;
  sendBuffer: SendBuffer;
  /** Set with the first message. */
  operations?: SocketOperations;
  /** Stops watching for the end of the credential. */
  releaseCredential?: () => void;
  /** Releases the user's slot. */
  releaseUser?: () => void;
};

type ConnectionInitOptions = {
  services: Services;
  tokens: Tokens;
  socketsPerUser: ConcurrencyLimit;
  timeoutMs: number;
  logger: Logger;
};

/** @returns whether the socket stays open; if not, it has been closed. Never rejects. */
export async function onConnectionInit(
  presented: PresentedCredential,
  open: OpenSocket,
  { services, tokens, socketsPerUser, timeoutMs, logger }: ConnectionInitOptions,
): Promise<boolean> {
  const { socket } = open;
  if (presented === 'unreadable') {
    socket.close(CloseCode.Unauthorized, EXPECTED_CREDENTIAL);
    return false;
  }
  const authorization = presented === 'none' ? undefined : presented.authorization;
  // graphql-ws's own time limit ends when the message arrives. Clients reconnect after this close code.
  const timeout = setTimeout(
    () => socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    timeoutMs,
  );
  try {
    const credential = await authenticate(authorization, tokens, services);
    if (isRejected(credential)) {
      // Clients retry after 4403 with a fresh token, and give up after 4401.
      if (credential.rejected === 'invalid') socket.close(CloseCode.Unauthorized, 'The token is invalid');
      else closeForbidden(socket, credential.rejected);
      return false;
    }
    // The socket may have closed during the query.
    if (credential === 'none' || socket.readyState !== socket.OPEN) return true;
    const releaseUser = socketsPerUser.acquire(credential.viewer.id);
    if (!releaseUser) {
      closeTooMany(socket);
      return false;
    }
    open.releaseUser = releaseUser;
    open.credential = credential;
    open.log.userId = credential.viewer.id;
    // When a token expires its socket closes, and the client reconnects with a fresh one.
    open.releaseCredential = onCredentialEnd(credential, services.revocations, (why) => closeForbidden(socket, why));
    return true;
  } catch (error) {
    closeAfterError(socket, error, logger);
    return false;
  } finally {
    clearTimeout(timeout);
  }
}

export const closeTooMany = (socket: WebSocket): void => socket.close(TOO_MANY, 'Too many connections');

const closeForbidden = (socket: WebSocket, why: CredentialEnd): void =>
  socket.close(CloseCode.Forbidden, CREDENTIAL_END_REASONS[why]);
