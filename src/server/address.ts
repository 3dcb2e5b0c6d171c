/** Where a request comes from: what is counted by address is counted by this. */
import type { IncomingMessage } from 'node:http';

export type AddressOf = (request: IncomingMessage) => string;

/**
 * The other end of the connection; or, behind proxies, what the outermost of them has written into X-Forwarded-For as its other end.
 * What stands before that came from the client, and may say anything.
 * @param trustedProxies how many proxies a request passes before it comes here
 * @returns IPv4 as such, also where it arrives as IPv6; empty for a connection that is gone already
 */
export const readAddress =
  (trustedProxies: number): AddressOf =>
  ({ socket, headers }) => {
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    const seen = [...forwarded.map((address) => address.trim()).filter(Boolean), socket.remoteAddress ?? ''];
    return (seen.at(-1 - trustedProxies) ?? seen[0] ?? '').replace(/^::ffff:/, '');
  };
