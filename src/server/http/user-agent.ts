/** The User-Agent of a client, which users see in the list of their sessions. */
import type { IncomingMessage } from 'node:http';

const MAX_LENGTH = 300;

export const userAgentOf = ({ headers }: IncomingMessage): string | null =>
  headers['user-agent']?.slice(0, MAX_LENGTH).trim() || null;
