/** A server of which a test says every answer: for what no ComfyUI and no simulator answers, and for what was recorded. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export type Call = {
  /** Method and path: `POST /prompt`. */
  route: string;
  url: URL;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  json: Record<string, unknown>;
  response: http.ServerResponse;
  /** Milliseconds of `performance`. */
  at: number;
};

/** Its result is sent as JSON; after undefined it has answered by itself, or will, or never does. */
export type Answer = (call: Call) => unknown;

export type StubServer = {
  url: string;
  /** By route; to be changed at any time. `GET /history` answers every id. */
  answers: Record<string, Answer>;
  calls: Call[];
  /** The open WebSockets with the client id that they gave, oldest first. */
  sockets: { clientId: string; socket: WebSocket; heard: string[] }[];
  /** What a socket is sent as it opens. */
  greet: (socket: WebSocket, clientId: string, request: http.IncomingMessage) => void;
  /** Sends a message to every socket. */
  say(message: object): void;
  /** How often a route was asked. */
  count(route: string): number;
  close(): Promise<void>;
};

export const status = (queue_remaining: number) => ({
  type: 'status',
  data: { status: { exec_info: { queue_remaining } } },
});

/** Without further word it has nothing queued, no history, and accepts every prompt. */
export async function startStub(answers: Record<string, Answer> = {}, port = 0): Promise<StubServer> {
  const server = http.createServer();
  const webSockets = new WebSocketServer({ server, path: '/ws' });
  const stub: StubServer = {
    url: '',
    answers: {
      'GET /queue': () => ({ queue_running: [], queue_pending: [] }),
      'GET /history': () => ({}),
      'POST /prompt': ({ json }) => ({ prompt_id: json.prompt_id, number: 1, node_errors: {} }),
      'POST /queue': ({ response }) => void response.end(),
      'POST /interrupt': ({ response }) => void response.end(),
      'POST /free': ({ response }) => void response.end(),
      ...answers,
    },
    calls: [],
    sockets: [],
    greet: (socket, sid) => socket.send(JSON.stringify({ ...status(0), data: { ...status(0).data, sid } })),
    say: (message) => {
      for (const { socket } of stub.sockets) socket.send(JSON.stringify(message));
    },
    count: (route) => stub.calls.filter((call) => call.route === route).length,
    close: async () => {
      for (const client of webSockets.clients) client.terminate();
      webSockets.close();
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
  webSockets.on('connection', (socket, request) => {
    const clientId = new URL(request.url ?? '', 'http://stub').searchParams.get('clientId') ?? '';
    const open = { clientId, socket, heard: [] as string[] };
    stub.sockets.push(open);
    socket.on('message', (data) => open.heard.push(data.toString()));
    socket.on('close', () => stub.sockets.splice(stub.sockets.indexOf(open), 1));
    stub.greet(socket, clientId, request);
  });
  server.on('request', async (request, response) => {
    const url = new URL(request.url ?? '', 'http://stub');
    const path = url.pathname.startsWith('/history/') ? '/history' : url.pathname;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isJson = request.headers['content-type'] === 'application/json';
    const json = isJson ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    const route = `${request.method} ${path}`;
    const call: Call = { route, url, headers: request.headers, body, json, response, at: performance.now() };
    stub.calls.push(call);
    const answer = stub.answers[call.route];
    if (!answer) return void response.writeHead(404).end();
    const result = await answer(call);
    if (result !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}
