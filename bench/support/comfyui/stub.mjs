/**
 * A ComfyUI that executes nothing: each prompt takes the given time, sends the messages of a text-to-image prompt, and ends with one picture.
 * It costs as little as possible, so that a measurement shows what its client costs. The catalogue is the simulator's.
 */
import { createServer } from 'node:http';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { WebSocketServer } from 'ws';
import { answer, ready } from '../process/answer.mjs';
import { readCatalogue } from './catalogue.mjs';
import { StubQueue } from './stub-queue.mjs';

const { PORTS = '1' } = process.env;
const SIDE = 512;
const { bodies } = await readCatalogue();
/** Compresses about as well as a photograph. */
const pixels = await sharp({
  create: { width: SIDE, height: SIDE, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 6 } },
})
  .png()
  .toBuffer();

/** The length of the signature and of IHDR, which is always the first chunk. */
const HEAD = 33;
/** Like ComfyUI's, the files of two prompts differ by what they say of the prompt. */
function pictureOf(address) {
  const chunk = Buffer.from(`\0\0\0\0tEXtprompt\0${address}\0\0\0\0`, 'latin1');
  chunk.writeUInt32BE(chunk.length - 12, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return Buffer.concat([pixels.subarray(0, HEAD), chunk, pixels.subarray(HEAD)]);
}

const bodyOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks));
};

function start() {
  const queue = new StubQueue();
  const http = createServer(async (request, response) => {
    const send = (body, type = 'application/json') => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      response.writeHead(200, { 'content-type': type, 'content-length': bytes.length });
      response.end(bytes);
    };
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const route = `${request.method} ${pathname}`;
    if (route === 'POST /prompt') return send(queue.put(await bodyOf(request)));
    if (route === 'GET /queue') return send(queue.list());
    if (route === 'GET /view') return send(pictureOf(searchParams), 'image/png');
    if (pathname.startsWith('/history/')) return send(queue.history(pathname.slice('/history/'.length)));
    if (bodies.has(pathname)) return send(bodies.get(pathname));
    response.writeHead(request.method === 'POST' ? 200 : 404).end();
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, { url }) => {
    const id = new URL(url, 'http://localhost').searchParams.get('clientId');
    queue.add(id, socket);
    socket.on('close', () => queue.remove(id));
    socket.on('error', () => {});
    socket.on('message', () => socket.send('{"type":"feature_flags","data":{"supports_preview_metadata":true}}'));
  });
  return new Promise((resolve) =>
    http.listen(0, '127.0.0.1', () => resolve({ queue, url: `http://127.0.0.1:${http.address().port}` })),
  );
}

const backends = await Promise.all(Array.from({ length: Number(PORTS) }, start));
const [{ queue, url }] = backends;
answer({
  urls: () => backends.map(({ url }) => url),
  /** How long each prompt takes, in ms; null: it does not end. Forgets what was counted. */
  begin(executionMs) {
    for (const { queue } of backends) queue.begin(executionMs ?? Number.POSITIVE_INFINITY);
  },
  /** How many prompts have ended, for how long one was executing, and the time from the first start to the last end, in ms. */
  counted: () => queue.counted(),
  /** The graph of the last prompt. */
  graph: () => queue.graph,
  /** Sends one more sampler step of each running prompt. */
  step() {
    for (const { queue } of backends) queue.step();
  },
  running: () => backends.reduce((sum, { queue }) => sum + queue.list().queue_running.length, 0),
});
ready(url);
