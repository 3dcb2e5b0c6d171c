/** Subscribers, as a process of its own: sockets that speak graphql-transport-ws and count what arrives. */
import WebSocket from 'ws';
import { socketUrl } from '../api.mjs';
import { answer, ready } from '../process/answer.mjs';

const PROTOCOL = 'graphql-transport-ws';
/** Sockets that are opened at once, unless all are: a listening socket has a backlog of 511. */
const AT_ONCE = 100;
let sockets = [];
/** graphql-transport-ws: connection initialisation timeout. */
const INIT_TIMEOUT = 4408;
let retried = 0;
let received = 0;
let bytes = 0;
let awaited;

answer({
  /**
   * Opens a socket for each subscription and sends it.
   * @param subscriptions `{ token, query, variables, answers }` each: `answers` is how many first messages it waits for
   * @param question a query that each socket also sends
   * @returns the time until all have been answered, in ms
   */
  async subscribe({ url, subscriptions, question, isAtOnce = false }) {
    const start = performance.now();
    const batch = isAtOnce ? subscriptions.length : AT_ONCE;
    for (let from = 0; from < subscriptions.length; from += batch)
      await Promise.all(subscriptions.slice(from, from + batch).map((each) => subscribe(url, each, question)));
    return performance.now() - start;
  },
  /** Starts to count messages. */
  reset() {
    received = 0;
    bytes = 0;
  },
  counted: () => ({ received, bytes, retried }),
  /** Resolves when this many messages have arrived since `reset`. */
  async received(count) {
    if (received >= count) return;
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${received} of ${count} messages arrived`)), 60_000);
      awaited = { count, resolve: () => resolve(clearTimeout(timer)) };
    });
  },
  /** Resolves when the server has read what every socket has sent: it answers the pings of graphql-transport-ws in order. */
  settled: () =>
    Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) => {
            const hear = (data) => {
              if (!data.toString().includes('"type":"pong"')) return;
              socket.off('message', hear);
              resolve();
            };
            socket.on('message', hear);
            socket.send('{"type":"ping"}');
          }),
      ),
    ).then(() => undefined),
  close() {
    for (const socket of sockets) socket.terminate();
    sockets = [];
  },
});
ready('');

/** Retries, as a client does, if the server gives up waiting for the socket's first message. */
function subscribe(url, subscription, question) {
  const { token, query, variables, answers = 0 } = subscription;
  const socket = new WebSocket(socketUrl(url), PROTOCOL, { perMessageDeflate: false });
  sockets.push(socket);
  let expected = answers + (question ? 1 : 0);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => {
      if (code !== INIT_TIMEOUT) return reject(new Error(`a socket was closed with ${code}`));
      retried += 1;
      resolve(subscribe(url, subscription, question));
    });
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data) => {
      const text = data.toString();
      if (text.startsWith('{"type":"connection_ack"')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
        if (question) socket.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: question } }));
        return expected === 0 && resolve();
      }
      if (text.includes('"type":"ping"')) return socket.send('{"type":"pong"}');
      if (text.includes('"errors"') || text.includes('"type":"error"')) return reject(new Error(text));
      if (!text.includes('"type":"next"')) return;
      received += 1;
      bytes += data.length;
      if (received === awaited?.count) awaited.resolve();
      expected -= 1;
      if (expected === 0) resolve();
    });
  });
}
