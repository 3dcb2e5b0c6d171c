/** Where a request comes from: what is counted by address is counted by this. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

export type AddressOf = (request: IncomingMessage) => string;

/**
 * The other end of the connection; or, behind proxies, what the outermost of them has written into X-Forwarded-For as its other end.
 * What stands before that came from the client, and may say anything.
 * @param trustedProxies how many proxies a request passes before it comes here
 * @param onIgnored called once, for the first request that says where it comes from and is not believed
 * @returns IPv4 as such, also where it arrives as IPv6; of IPv6 the network, such as `2001:db8:0:1::/64`; empty for a connection that is
 * gone already
 */
export function readAddress(trustedProxies: number, onIgnored: () => void = () => {}): AddressOf {
  let isTold = false;
  return ({ socket, headers }) => {
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    const seen = [...forwarded.map((address) => address.trim()).filter(Boolean), socket.remoteAddress ?? ''];
    if (trustedProxies === 0 && seen.length > 1 && !isTold) {
      isTold = true;
      onIgnored();
    }
    const address = withoutPort(seen.at(-1 - trustedProxies) ?? seen[0] ?? '').replace(/^::ffff:(?=[\d.]+$)/i, '');
    return isIPv6(address) ? networkOf(address) : address;
  };
}

/** Some proxies write the port, too, which is another one for each connection: `203.0.113.9:40112`, `[2001:db8::1]:40112`. */
const withoutPort = (address: string): string => address.replace(/^\[?([\d.]+|[^\]]+(?=\]))\]?(:\d+)?$/, '$1');

/** One customer is given at least a /64, and takes any of its addresses. */
function networkOf(address: string): string {
  const [before = [], after = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
