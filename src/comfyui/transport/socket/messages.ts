/** The messages of the socket as an async iterable, for a reader that may be slow. */
import type { Preview } from '../../protocol/preview.js';
import type { SocketMessage } from '../../protocol/protocol.js';
import { Mailbox } from './mailbox.js';
import type { Sockets } from './sockets.js';

const MAX_WAITING_MESSAGES = 1_000;

/** Ends when `closed` aborts. Throws the reason of `signal` when that aborts. */
export async function* socketMessages(
  sockets: Sockets,
  closed: AbortSignal,
  signal: AbortSignal | undefined,
): AsyncGenerator<SocketMessage | Preview, void> {
  signal?.throwIfAborted();
  const mailbox = new Mailbox<SocketMessage | Preview>(
    (event) => (event.type === 'preview' ? event.promptId : undefined),
    MAX_WAITING_MESSAGES,
  );
  const unlisten = sockets.listen((event) => {
    if (event.type !== 'connected') mailbox.push(event);
  });
  const abort = () => mailbox.fail(signal?.reason);
  const end = () => mailbox.end();
  signal?.addEventListener('abort', abort, { once: true });
  closed.addEventListener('abort', end, { once: true });
  try {
    yield* mailbox;
  } finally {
    unlisten();
    signal?.removeEventListener('abort', abort);
    closed.removeEventListener('abort', end);
  }
}
