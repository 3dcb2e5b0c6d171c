/** A receiver of webhooks on a real socket, which does what a test tells it. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  path: string;
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
  type: string;
  data: { id: string; status: string; [name: string]: unknown };
  /** Milliseconds of `performance.now()`. */
  receivedAt: number;
  acceptedAt?: number;
};

/** Answers one request, or leaves it without an answer. */
export type Behavior = (request: Received, response: ServerResponse, incoming: IncomingMessage) => void;

export const accept: Behavior = (_, response) => void response.writeHead(204).end();
export const hang: Behavior = () => {};
export const drop: Behavior = (_, __, incoming) => void incoming.socket.destroy();
export const status =
  (code: number, headers: Record<string, string> = {}): Behavior =>
  (_, response) =>
    void response.writeHead(code, headers).end();

export type Receiver = {
  url: string;
  /** All requests, in order. */
  received: Received[];
  /** Those that were accepted. */
  accepted: Received[];
  behavior: Behavior;
  close(): Promise<void>;
};

export async function startReceiver(behavior: Behavior = accept): Promise<Receiver> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { headers, url = '' } = incoming;
    const receivedAt = performance.now();
    const id = String(headers['webhook-id']);
    const request: Received = { path: url, id, headers, body, receivedAt, ...JSON.parse(body) };
    receiver.received.push(request);
    response.on('finish', () => {
      if (response.statusCode >= 300) return;
      request.acceptedAt = performance.now();
      receiver.accepted.push(request);
    });
    receiver.behavior(request, response, incoming);
  });
  // A sender that was killed in the middle of its request.
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    accepted: [],
    behavior,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return receiver;
}
