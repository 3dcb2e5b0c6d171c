/**
 * The load, as a process of its own: sends prepared requests over connections that each wait for the response. Speaks HTTP on bare sockets,
 * because a client that costs as much as the measured server would measure itself.
 */
import { connect } from 'node:net';
import { answer, ready } from '../process/answer.mjs';
import { at } from '../table/statistics.mjs';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

answer({
  /**
   * @param requests `{ token, body }` each, taken in turn
   * @returns responses per second, the median and the 95th percentile of their latencies in ms, and the bytes of one body
   */
  async run({ url, path = '/graphql', requests, connections, seconds }) {
    const { hostname, port, host } = new URL(url);
    const prepared = requests.map(({ token, body }) => {
      const authorization = token ? `Authorization: Bearer ${token}\r\n` : '';
      return Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\nContent-Type: application/json\r\n${authorization}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
    const latencies = [];
    let next = 0;
    let sample;
    const start = performance.now();
    const end = start + seconds * 1_000;
    const client = () =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: hostname, port: Number(port), noDelay: true });
        let held = [];
        let began;
        const send = () => {
          if (performance.now() >= end) return socket.destroy();
          held = [];
          began = performance.now();
          socket.write(prepared[next++ % prepared.length]);
        };
        socket.on('connect', send);
        socket.on('data', (chunk) => {
          held.push(chunk);
          const bytes = held.length === 1 ? chunk : Buffer.concat(held);
          const body = bodyOf(bytes);
          if (!body) return;
          if (!bytes.includes(' 200 ') || body.includes('"errors"')) {
            reject(new Error(bytes.toString().slice(0, 2_000)));
            return socket.destroy();
          }
          sample ??= body.toString();
          latencies.push(performance.now() - began);
          send();
        });
        socket.on('error', reject);
        socket.on('close', resolve);
      });
    await Promise.all(Array.from({ length: connections }, client));
    const rate = latencies.length / ((performance.now() - start) / 1_000);
    return { rate, count: latencies.length, p50: at(latencies, 0.5), p95: at(latencies, 0.95), sample };
  },
});
ready('');

/** The body of a response, if it is complete. */
function bodyOf(bytes) {
  const head = bytes.indexOf(END_OF_HEAD);
  if (head < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1];
  const body = bytes.subarray(head + END_OF_HEAD.length);
  if (length === undefined) return body.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK) ? body : undefined;
  return body.length >= Number(length) ? body : undefined;
}
