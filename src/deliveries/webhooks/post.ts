/** A POST on a connection of its own, which follows no redirect and keeps nothing of the response but its status. */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ResolvedAddress } from './destinations.js';
import type { Message } from './message.js';

/** What is read of a response: enough for an ordinary receiver to finish it. */
const MAX_RESPONSE_BYTES = 65_536;
const MAX_HEADER_BYTES = 16_384;

/**
 * Connects only to the given addresses. The certificate must be valid for the host of the URL.
 * @returns the status, once the response is complete, too long or aborted
 * @throws Error if the connection fails, or the signal aborts before there is a status
 */
export const post = (
  url: URL,
  addresses: readonly ResolvedAddress[],
  { headers, body }: Message,
  signal: AbortSignal,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      lookup: answerWith(addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    });
    sent.on('error', reject);
    sent.on('close', () => reject(new Error('The connection was closed')));
    sent.on('response', (response) => {
      // From now on the status is known, however the response ends.
      sent
        .removeAllListeners('close')
        .removeAllListeners('error')
        .on('error', () => {});
      drain(response, () => resolve(response.statusCode ?? 0));
    });
    sent.end(body);
  });

/** In place of a lookup. Node does not call it for a host that is an address. */
const answerWith =
  (addresses: readonly ResolvedAddress[]): LookupFunction =>
  (_, { all }, answer) => {
    const [first] = addresses;
    if (all || !first) answer(null, [...addresses]);
    else answer(null, first.address, first.family);
  };

function drain(response: IncomingMessage, onClosed: () => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) response.destroy();
  });
  response.on('error', onClosed);
  response.on('close', onClosed);
}
