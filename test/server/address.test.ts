/** Nobody chooses the address that they are counted by. */
import type { IncomingMessage } from 'node:http';
import { readAddress } from '../../src/server/address.js';

const from = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

test.each<[proxies: number, remote: string | undefined, forwarded: string | undefined, address: string]>([
  [0, '203.0.113.9', undefined, '203.0.113.9'],
  [0, '::ffff:203.0.113.9', undefined, '203.0.113.9'],
  [0, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [1, '127.0.0.1', '203.0.113.9', '203.0.113.9'],
  [1, '127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  [2, '127.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  [1, '127.0.0.1', undefined, '127.0.0.1'],
  [2, '127.0.0.1', '203.0.113.9', '203.0.113.9'],
  [0, undefined, undefined, ''],
])('behind %s proxies, from %s with %s: %s', (proxies, remote, forwarded, address) => {
  expect(readAddress(proxies)(from(remote, forwarded))).toBe(address);
});
