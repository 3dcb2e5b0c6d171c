/** A TCP proxy for PostgreSQL that can refuse connections, or swallow all data so that both sides wait for ever. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Tunnel = {
  /** The URL of the database through the tunnel. */
  url: string;
  /** Cuts existing and new connections. */
  refuse(): void;
  swallow(): void;
  /** Swallows all data from the next statement of the client that contains `words`, or from its response. */
  swallowAt(words: string, first: 'statement' | 'response'): void;
  /** Cuts connections that send `words`, before they arrive. */
  cutAt(words: string, times?: number): void;
  /** How many cuts remain. */
  readonly cutsLeft: number;
  readonly isSwallowing: boolean;
  heal(): void;
  close(): void;
};

export async function startTunnel(databaseUrl: string): Promise<Tunnel> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let way: 'open' | 'closed' | 'swallowing' = 'open';
  let trap: { words: string; first: 'statement' | 'response' } | undefined;
  let cuts: { words: string; left: number } = { words: '', left: 0 };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (way === 'closed') return void client.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (from === client && cuts.left > 0 && data.includes(cuts.words)) {
          cuts.left -= 1;
          return void client.destroy();
        }
        const isCaught = from === client && trap !== undefined && data.includes(trap.words);
        if (isCaught && trap?.first === 'statement') way = 'swallowing';
        if (way === 'open') to.write(data);
        if (!isCaught) return;
        way = 'swallowing';
        trap = undefined;
      });
      from.on('close', () => {
        sockets.delete(from);
        if (way !== 'swallowing') to.destroy();
      });
      from.on('error', () => {});
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    refuse: () => {
      way = 'closed';
      cut();
    },
    swallow: () => {
      way = 'swallowing';
    },
    swallowAt: (words, first) => {
      trap = { words, first };
    },
    cutAt: (words, times = 1) => {
      cuts = { words, left: times };
    },
    get cutsLeft() {
      return cuts.left;
    },
    get isSwallowing() {
      return way === 'swallowing';
    },
    heal: () => {
      way = 'open';
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
