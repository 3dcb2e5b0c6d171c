/**
 * Ports for servers that are down for a while. They are below the ephemeral range, from which the kernel takes those of connections and of
 * all other servers, and each worker of a run has its own.
 */
import { createServer } from 'node:net';

const FIRST_PORT = 20_000;
const WORKERS = 10;
const PER_WORKER = 1_000;

const worker = Number(process.env.JEST_WORKER_ID ?? process.pid) % WORKERS;
/** Several runs on one machine begin at different ones. */
let next = Math.floor(Math.random() * PER_WORKER);

/** @returns a port without a listener, which nothing else in this run takes */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + worker * PER_WORKER + next;
    next = (next + 1) % PER_WORKER;
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
