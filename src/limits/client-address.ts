/** The client address of a request: the key of every limit per address. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

export type AddressOf = (request: IncomingMessage) => string;

/**
 * Reads the peer address of the connection or, behind proxies, the peer address that the outermost trusted proxy appended to
 * X-Forwarded-For. The client writes the entries before that one, so they cannot be trusted.
 * @param trustedProxies the number of proxies that a request passes
 * @param onIgnored called once, for the first request whose X-Forwarded-For is ignored
 * @returns an IPv4 address, also for an IPv4-mapped one; for IPv6 its network, such as `2001:db8:0:1::/64`; empty for a connection that has
 * closed
 */
export function readAddress(trustedProxies: number, onIgnored: () => void = () => {}): AddressOf {
  let isReported = false;
  return ({ socket, headers }) => {
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    const addresses = [...forwarded.map((address) => address.trim()).filter(Boolean), socket.remoteAddress ?? ''];
    if (trustedProxies === 0 && addresses.length > 1 && !isReported) {
      isReported = true;
      onIgnored();
    }
    const trusted = addresses.at(-1 - trustedProxies) ?? addresses[0] ?? '';
    const address = withoutPort(trusted).replace(/^::ffff:(?=[\d.]+$)/i, '');
    return isIPv6(address) ? networkOf(address) : address;
  };
}

/** Some proxies append the port, which differs for each connection: `203.0.113.9:40112`, `[2001:db8::1]:40112`. */
const withoutPort = (address: string): string => address.replace(/^\[?([\d.]+|[^\]]+(?=\]))\]?(:\d+)?$/, '$1');

/** A provider gives each customer at least a /64, and the customer may use any of its addresses. */
function networkOf(address: string): string {
  const [before = [], after = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
