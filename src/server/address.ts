/** Where a request comes from, as far as we know: the other end of its connection. */
import type { IncomingMessage } from 'node:http';

/** IPv4 is written as such, also where it arrives as IPv6. Empty for a connection that is gone already. */
export const addressOf = ({ socket }: IncomingMessage): string => (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
