/** A client cannot choose the address that limits count it by. */
import type { IncomingMessage } from 'node:http';
import { readAddress } from '../../src/limits/client-address.js';

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
  [1, '127.0.0.1', '203.0.113.9:40112', '203.0.113.9'],
  [1, '127.0.0.1', '[2001:db8:0:1::1]:40112', '2001:db8:0:1::/64'],
  [1, '127.0.0.1', '[2001:db8:0:1::1]', '2001:db8:0:1::/64'],
  // One customer has a whole IPv6 network.
  [0, '2001:db8:0:1::1', undefined, '2001:db8:0:1::/64'],
  [0, '2001:db8:0:1:ffff:ffff:ffff:ffff', undefined, '2001:db8:0:1::/64'],
  [1, '127.0.0.1', '2001:0DB8:0000:0001::2', '2001:db8:0:1::/64'],
  [0, '2001:db8:0:2::1', undefined, '2001:db8:0:2::/64'],
  [0, '::1', undefined, '0:0:0:0::/64'],
  [0, 'fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
])('behind %s proxies, from %s with %s: %s', (proxies, remote, forwarded, address) => {
  expect(readAddress(proxies)(from(remote, forwarded))).toBe(address);
});
