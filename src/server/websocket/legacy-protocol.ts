/** Rejects clients of the retired package subscriptions-transport-ws with an error in their own protocol. */
import type { WebSocket } from 'ws';

/** The retired sub-protocol. The package of that name, graphql-ws, speaks `graphql-transport-ws`. */
export const LEGACY_PROTOCOL = 'graphql-ws';

const SUBPROTOCOL_NOT_ACCEPTABLE = 4406;
const REASON = 'This server speaks graphql-transport-ws: use the package graphql-ws, not subscriptions-transport-ws';

/** Replies to connection_init and to the first operation with an error; closes the socket then, or after the timeout. */
export function rejectLegacyClient(socket: WebSocket, timeoutMs: number): void {
  const payload = { message: REASON };
  const close = () => socket.close(SUBPROTOCOL_NOT_ACCEPTABLE, REASON);
  const timeout = setTimeout(close, timeoutMs);
  socket.once('close', () => clearTimeout(timeout));
  socket.on('message', (data) => {
    const { type, id } = parse(String(data));
    if (type === 'connection_init') return socket.send(JSON.stringify({ type: 'connection_error', payload }));
    if (type === 'start') socket.send(JSON.stringify({ type: 'error', id, payload }));
    close();
  });
}

function parse(text: string): { type?: unknown; id?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
