/** Opens the port of the HTTP server, or says in a sentence why not; closes it in bounded time. What is served there is others'. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { codeOf, reasonOf, StartError } from '../../process/start-error.js';

/** For requests that are being answered, and for sockets to say goodbye. */
const GRACE_MS = 2_000;

export type Door = {
  /** Where this machine finds it. */
  url: string;
  /** Where others do, where it listens on all interfaces. */
  networkUrls: string[];
  close(): Promise<void>;
};

/** Bridges and tunnels of this machine, which lead to no other. */
const VIRTUAL_INTERFACE = /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|cni|flannel|utun|tun|tap|zt)/i;

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
    url: urlOf(isAnywhere(host) ? LOOPBACK[host] : host, chosen),
    networkUrls: isAnywhere(host) ? networkAddresses().map((address) => urlOf(address, chosen)) : [],
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

/** An address that means all interfaces is none that can be opened. */
const LOOPBACK = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
const isAnywhere = (host: string): host is keyof typeof LOOPBACK => Object.hasOwn(LOOPBACK, host);

const urlOf = (host: string, port: number): string => `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;

const networkAddresses = (): string[] =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, addresses = []]) => addresses)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);

function refusal(error: unknown, host: string, port: number): string {
  if (codeOf(error) === 'EADDRINUSE')
    return `Port ${port} is taken: end what listens there, or choose another, for example PORT=${port + 1}`;
  if (codeOf(error) === 'EACCES')
    return `Port ${port} is reserved for the system: choose another, for example PORT=4000`;
  return `Nothing can listen at HOST=${host}, PORT=${port}: ${reasonOf(error)}`;
}
