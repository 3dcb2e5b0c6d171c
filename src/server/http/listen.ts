/** Opens the port of the HTTP server, or throws an error that explains why it cannot; closes it in bounded time. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { codeOf, reasonOf, StartError } from '../../process/start-error.js';

/** For requests under way, and for the close handshake of sockets. */
const CLOSE_TIMEOUT_MS = 2_000;

export type Listener = {
  /** The URL on this machine. */
  url: string;
  /** The URLs from other machines, if it listens on all interfaces. */
  networkUrls: string[];
  close(): Promise<void>;
};

/** Bridges and tunnels, which other machines cannot reach. */
const VIRTUAL_INTERFACE = /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|cni|flannel|utun|tun|tap|zt)/i;

/** Whether only this machine can connect. */
export const isLoopback = (host: string): boolean => /^(127\.[\d.]+|::1|localhost)$/i.test(host);

/** @throws StartError if the port cannot be opened */
export async function listen(http: Server, host: string, port: number): Promise<Listener> {
  const connections = new Set<Socket>();
  http.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  try {
    http.listen(port, host);
    await once(http, 'listening');
  } catch (error) {
    throw new StartError(explain(error, host, port));
  }
  const { port: chosen } = http.address() as AddressInfo;
  return {
    url: urlOf(isAnywhere(host) ? LOOPBACK[host] : host, chosen),
    networkUrls: isAnywhere(host) ? networkAddresses().map((address) => urlOf(address, chosen)) : [],
    close: async () => {
      const isClosed = new Promise((resolve) => http.close(resolve));
      // Includes WebSockets: `ws` waits half a minute for a peer that does not respond.
      const timeout = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, CLOSE_TIMEOUT_MS);
      await isClosed;
      clearTimeout(timeout);
    },
  };
}

/** A browser cannot open the address that means all interfaces. */
const LOOPBACK = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
const isAnywhere = (host: string): host is keyof typeof LOOPBACK => Object.hasOwn(LOOPBACK, host);

const urlOf = (host: string, port: number): string => `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;

const networkAddresses = (): string[] =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, addresses = []]) => addresses)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);

function explain(error: unknown, host: string, port: number): string {
  if (codeOf(error) === 'EADDRINUSE')
    return `Port ${port} is in use: stop the program that uses it, or choose another port, for example PORT=${port + 1}`;
  if (codeOf(error) === 'EACCES')
    return `Port ${port} is reserved for the system: choose another port, for example PORT=4000`;
  return `Cannot listen at HOST=${host}, PORT=${port}: ${reasonOf(error)}`;
}
