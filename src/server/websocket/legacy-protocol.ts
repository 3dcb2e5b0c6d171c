/** Tells clients of the retired package subscriptions-transport-ws, in the protocol that they speak, what to use in its place. */
import type { WebSocket } from 'ws';

/** Its sub-protocol. Confusingly, the package graphql-ws is the one that speaks `graphql-transport-ws`. */
export const LEGACY_PROTOCOL = 'graphql-ws';

const SUBPROTOCOL_NOT_ACCEPTABLE = 4406;
const REASON = 'This server speaks graphql-transport-ws: use the package graphql-ws, not subscriptions-transport-ws';

/** Its connection and its first operation get an error to show; then the socket closes, or after the timeout. */
export function refuseLegacyClient(socket: WebSocket, timeoutMs: number): void {
  const payload = { message: REASON };
  const close = () => socket.close(SUBPROTOCOL_NOT_ACCEPTABLE, REASON);
  const timeout = setTimeout(close, timeoutMs);
  socket.once('close', () => clearTimeout(timeout));
  socket.on('message', (data) => {
    const { type, id } = read(String(data));
    if (type === 'connection_init') return socket.send(JSON.stringify({ type: 'connection_error', payload }));
    if (type === 'start') socket.send(JSON.stringify({ type: 'error', id, payload }));
    close();
  });
}

function read(text: string): { type?: unknown; id?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
