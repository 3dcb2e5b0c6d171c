import { EventEmitter } from 'node:events';
import {
  ComfyUI,
  ComfyUIError,
  type FileItem,
  RequestRefusedError,
  UnreachableError,
} from '../../../../src/comfyui/index.js';
import { until } from '../../../support/until.js';
import { type StubResponse, startStub } from '../../server.js';
import { closing } from '../../support.js';

const keep = closing();

async function clientOf(responses: Record<string, StubResponse>, options = {}) {
  const stub = keep(await startStub(responses));
  return { stub, comfyui: keep(new ComfyUI({ url: stub.url, ...options })) };
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`It did not fail but gave ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );

const raw =
  (status: number, body: string, headers = {}): StubResponse =>
  ({ response }) =>
    void response.writeHead(status, headers).end(body);

test.each<[string, StubResponse]>([
  ['a 500 in text', raw(500, '500 Internal Server Error\n\nServer got itself in trouble')],
  ['a 404', raw(404, '')],
  ['a page of HTML', raw(200, '<html><body>Loading</body></html>', { 'content-type': 'text/html' })],
  ['cut JSON', raw(200, '{"queue_running": [], "queue_pend')],
  ['NaN', raw(200, 'NaN')],
  ['nothing', raw(200, '')],
  ['null', () => null],
  ['a list', () => []],
  ['a queue without its pending half', () => ({ queue_running: [] })],
  ['a queue with an entry that cannot be read', () => ({ queue_running: [[1]], queue_pending: [] })],
  ['a redirect', raw(302, '', { location: '/elsewhere' })],
  ['a cut connection', ({ response }) => void response.destroy()],
  [
    'a body that is cut',
    ({ response }) => void response.writeHead(200, { 'content-length': 100 }).write('{}', () => response.destroy()),
  ],
])('%s is an UnreachableError, and a retry works', async (_, answer) => {
  const { stub, comfyui } = await clientOf({ 'GET /queue': answer });
  expect(await failure(comfyui.queue())).toBeInstanceOf(UnreachableError);
  stub.responses['GET /queue'] = () => ({ queue_running: [], queue_pending: [] });
  expect(await comfyui.queue()).toEqual({ queue_running: [], queue_pending: [] });
});

test('a response that does not come times out', async () => {
  const { stub, comfyui } = await clientOf({ 'GET /queue': () => undefined }, { timings: { requestTimeoutMs: 100 } });
  expect(await failure(comfyui.queue())).toMatchObject({ name: 'UnreachableError', sent: true });
  expect(stub.count('GET /queue')).toBe(1);
});

test('a response without an end is cut at the size limit', async () => {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  let sent = 0;
  const endless: StubResponse = ({ response }) => {
    const more = () => {
      while (!response.destroyed && response.write(chunk)) sent += 1;
    };
    response.on('drain', more);
    more();
  };
  const { comfyui } = await clientOf({ 'GET /queue': endless });
  expect(await failure(comfyui.queue())).toMatchObject({
    message: expect.stringContaining('more than 67108864 bytes'),
  });
  expect(sent).toBeLessThan(128);
});

test('a refused connection means that the request was not sent', async () => {
  const stub = await startStub();
  await stub.close();
  const comfyui = keep(new ComfyUI({ url: stub.url }));
  expect(await failure(comfyui.queue())).toMatchObject({ name: 'UnreachableError', sent: false });
});

test('an abort throws its reason, and leaves no listener on the signal', async () => {
  const { stub, comfyui } = await clientOf({ 'GET /queue': () => undefined });
  const controller = new AbortController();
  const failed = failure(comfyui.queue(controller.signal));
  await until(() => stub.count('GET /queue') > 0, 'the question arrived');
  controller.abort('enough');
  expect(await failed).toBe('enough');
  expect(await failure(comfyui.queue(controller.signal))).toBe('enough');
  expect(EventEmitter.getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('a GET on a stale kept-alive connection is retried once', async () => {
  let requests = 0;
  const { stub, comfyui } = await clientOf({
    'GET /queue': ({ response }) => {
      requests += 1;
      return requests === 2 ? void response.destroy() : { queue_running: [], queue_pending: [] };
    },
  });
  await comfyui.queue();
  await comfyui.queue();
  expect(stub.count('GET /queue')).toBe(3);
});

test('a POST whose connection is cut is not retried', async () => {
  const { stub, comfyui } = await clientOf({ 'POST /free': ({ response }) => void response.destroy() });
  await comfyui.queue();
  expect(await failure(comfyui.free({ free_memory: true }))).toMatchObject({ name: 'UnreachableError', sent: true });
  expect(stub.count('POST /free')).toBe(1);
});

test('no request has an Origin header', async () => {
  const { stub, comfyui } = await clientOf({});
  await comfyui.queue();
  await comfyui.free({ unload_models: true });
  expect(stub.calls).toHaveLength(2);
  for (const { headers } of stub.calls) {
    expect(Object.keys(headers).filter((name) => /^(origin|referer|sec-)/.test(name))).toEqual([]);
  }
});

test('the credentials of a URL are sent, and are not part of `url`', async () => {
  const stub = keep(await startStub());
  const comfyui = keep(new ComfyUI({ url: stub.url.replace('//', '//me:p%40ss@').concat('/') }));
  await comfyui.queue();
  expect(comfyui.url).toBe(stub.url);
  expect(stub.calls[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});

test('a server may have a path prefix', async () => {
  const stub = keep(await startStub({ 'GET /comfy/queue': () => ({ queue_running: [], queue_pending: [] }) }));
  const comfyui = keep(new ComfyUI({ url: `${stub.url}/comfy/` }));
  expect(comfyui.url).toBe(`${stub.url}/comfy`);
  await comfyui.queue();
  expect(stub.count('GET /comfy/queue')).toBe(1);
});

test.each(['', 'localhost:8188', 'ftp://localhost', 'not a url'])('%j is not a valid ComfyUI URL', (url) => {
  expect(() => new ComfyUI({ url })).toThrow(ComfyUIError);
});

test('a closed client sends no requests, and a second close does nothing', async () => {
  const { stub, comfyui } = await clientOf({ 'GET /queue': () => undefined });
  const failed = failure(comfyui.queue());
  await until(() => stub.count('GET /queue') > 0, 'the question arrived');
  await comfyui.close();
  await comfyui.close();
  expect(await failed).toMatchObject({ name: 'ComfyUIError' });
  expect(await failure(comfyui.queue())).toMatchObject({ name: 'ComfyUIError' });
  expect(stub.count('GET /queue')).toBe(1);
});

const file: FileItem = { filename: 'a & b.png', subfolder: 'u1/j 2', type: 'output' };

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a file is requested by name, folder and type, and has its content type', async () => {
  const { stub, comfyui } = await clientOf({ 'GET /view': raw(200, 'the bytes', { 'content-type': 'image/png' }) });
  const { contentType, body } = await comfyui.view(file);
  expect(contentType).toBe('image/png');
  expect(await read(body)).toBe('the bytes');
  expect(Object.fromEntries(stub.calls[0]?.url.searchParams ?? [])).toEqual(file);
});

test.each([400, 403, 404])('status %i for a file is a RequestRefusedError', async (status) => {
  const { comfyui } = await clientOf({ 'GET /view': raw(status, '') });
  const error = await failure(comfyui.view(file));
  expect(error).toBeInstanceOf(RequestRefusedError);
  expect(error).toMatchObject({ status });
  expect(String(error)).not.toContain('b.png');
});

test('status 500 for a file is an UnreachableError', async () => {
  const { comfyui } = await clientOf({ 'GET /view': raw(500, 'trouble') });
  expect(await failure(comfyui.view(file))).toBeInstanceOf(UnreachableError);
});

test('the body of a file above the size limit throws', async () => {
  const { comfyui } = await clientOf({ 'GET /view': raw(200, 'x'.repeat(1_001)) }, { maxViewBytes: 1_000 });
  const { body } = await comfyui.view(file);
  expect(await failure(read(body))).toMatchObject({
    name: 'ComfyUIError',
    message: 'GET /view returned more than 1000 bytes',
  });
});

test('the body of a file that is cut throws', async () => {
  const cut: StubResponse = ({ response }) =>
    void response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
  const { comfyui } = await clientOf({ 'GET /view': cut });
  const { body } = await comfyui.view(file);
  expect(await failure(read(body))).toBeInstanceOf(UnreachableError);
});

test('the body of a file that stalls throws', async () => {
  const stalled: StubResponse = ({ response }) => void response.writeHead(200, { 'content-length': 100 }).write('half');
  const { comfyui } = await clientOf({ 'GET /view': stalled }, { timings: { requestTimeoutMs: 100 } });
  const { body } = await comfyui.view(file);
  expect(await failure(read(body))).toMatchObject({ name: 'UnreachableError', message: 'GET /view stalled' });
});

test('a reader that is slower than the request timeout gets the whole file', async () => {
  const { comfyui } = await clientOf(
    { 'GET /view': raw(200, 'x'.repeat(300_000)) },
    { timings: { requestTimeoutMs: 50 } },
  );
  const { body } = await comfyui.view(file);
  let bytes = 0;
  for await (const chunk of body) {
    const readAt = performance.now();
    if (bytes === 0) await until(() => performance.now() > readAt + 150, 'the request timeout is over');
    bytes += chunk.length;
  }
  expect(bytes).toBe(300_000);
});

test('after an abort the body throws its reason', async () => {
  const stalled: StubResponse = ({ response }) => void response.writeHead(200).write('half');
  const { comfyui } = await clientOf({ 'GET /view': stalled });
  const controller = new AbortController();
  const { body } = await comfyui.view(file, controller.signal);
  const reading = failure(read(body));
  controller.abort('enough');
  expect(await reading).toBe('enough');
});

test('leaving the body early closes its connection', async () => {
  let isClosed = false;
  const { comfyui } = await clientOf({
    'GET /view': ({ response }) => {
      response.on('close', () => {
        isClosed = true;
      });
      response.writeHead(200).write('half');
    },
  });
  const { body } = await comfyui.view(file);
  for await (const _ of body) break;
  await until(() => isClosed, 'the connection to be closed');
});
