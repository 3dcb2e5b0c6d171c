/** Opens the port of the HTTP server, or says in a sentence why not; closes it in bounded time. What is served there is others'. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { codeOf, reasonOf, StartError } from './start-error.js';

/** For requests that are being answered, and for sockets to say goodbye. */
const GRACE_MS = 2_000;

export type Door = { url: string; close(): Promise<void> };

/** Whether nobody but this machine gets there. */
export const isLoopback = (host: string): boolean => /^(127\.[\d.]+|::1|localhost)$/i.test(host);

/** @throws StartError when the port cannot be had */
export async function listen(http: Server, host: string, port: number): Promise<Door> {
  const connections = new Set<Socket>();
  http.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  try {
    http.listen(port, host);
    await once(http, 'listening');
  } catch (error) {
    throw new StartError(refusal(error, host, port));
  }
  const { port: chosen } = http.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    close: async () => {
      const isClosed = new Promise((resolve) => http.close(resolve));
      // WebSockets among them: a peer that is asleep would hold up the end for half a minute.
      const cut = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, GRACE_MS);
      await isClosed;
      clearTimeout(cut);
    },
  };
}

function refusal(error: unknown, host: string, port: number): string {
  if (codeOf(error) === 'EADDRINUSE')
    return `Port ${port} is taken: end what listens there, or choose another, for example PORT=${port + 1}`;
  if (codeOf(error) === 'EACCES')
    return `Port ${port} is reserved for the system: choose another, for example PORT=4000`;
  return `Nothing can listen at HOST=${host}, PORT=${port}: ${reasonOf(error)}`;
}
