/** The limit of live updates: a server with `ws` that sends the same bytes to every subscriber. */
import { WebSocketServer } from 'ws';
import { answer, ready } from '../support/process/answer.mjs';

const { BYTES = '0' } = process.env;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const envelope = (id) =>
  JSON.stringify({ id, type: 'next', payload: { data: 'x'.repeat(Math.max(0, Number(BYTES) - 60)) } });

server.on('connection', (socket) =>
  socket.on('message', (data) => {
    const { type, id } = JSON.parse(data);
    if (type === 'ping') return socket.send('{"type":"pong"}');
    if (type === 'connection_init') return socket.send('{"type":"connection_ack"}');
    // A subscription answers with its present state, as the API's does.
    if (type === 'subscribe') socket.send(envelope(id));
  }),
);
server.on('listening', () => ready(`http://127.0.0.1:${server.address().port}`));

answer({
  /** Sends an event to every subscriber. */
  publish() {
    for (const socket of server.clients) socket.send(envelope('1'));
  },
});
