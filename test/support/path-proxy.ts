/** A proxy that publishes a server under a path, and responds 404 elsewhere. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export type PathProxy = { url: string; close(): Promise<void> };

/** @param isStripped whether the proxy removes the path from the URLs that it forwards */
export async function startPathProxy(target: () => string, path: string, isStripped: boolean): Promise<PathProxy> {
  const sockets = new Set<Socket>();
  const rewritten = ({ url = '' }: IncomingMessage) => {
    if (!url.startsWith(`${path}/`)) return undefined;
    return isStripped ? url.slice(path.length) : url;
  };
  const server = createServer((request, response) => {
    const url = rewritten(request);
    if (url === undefined) return void response.writeHead(404).end('Not of the proxied server');
    const { method, headers } = request;
    const forwarded = send(new URL(target()), { path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, client: Socket) => {
    const { hostname, port } = new URL(target());
    const upstream = connect(Number(port), hostname);
    const lines = request.rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('');
    upstream.write(`GET ${rewritten(request) ?? '/nothing'} HTTP/1.1\r\n${lines}\r\n`);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream])
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
