import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Simulator } from '../../../src/simulator/index.js';
import { until } from '../../support/until.js';
import { call, card, closeAfterEach, run, start } from '../support.js';

closeAfterEach();

function get(simulator: Simulator, query: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return fetch(`${simulator.url}/api/view?${new URLSearchParams(query)}`, init);
}

/** Starts a simulator with these files in its output folder. */
async function startWith(files: Record<string, string | Buffer>): Promise<Simulator> {
  const simulator = await start();
  for (const [name, content] of Object.entries(files)) {
    const path = join(simulator.directory, 'output', name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
  }
  return simulator;
}

const red = () =>
  sharp({ create: { width: 16, height: 8, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } })
    .png()
    .toBuffer();

describe('GET /view', () => {
  test('serves a file with its type, name and tag', async () => {
    const simulator = await startWith({ 'u1/a.png': await red() });
    const response = await get(simulator, { filename: 'a.png', subfolder: 'u1', type: 'output' });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'filename="a.png"',
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^".+"$/),
      'last-modified': expect.stringContaining('GMT'),
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(await red());
  });

  test('ignores directories in the name', async () => {
    const simulator = await startWith({ 'a.txt': 'top', 'u1/a.txt': 'below' });
    expect(await (await get(simulator, { filename: 'u1/j1/a.txt' })).text()).toBe('top');
    expect(await (await get(simulator, { filename: 'a.txt', subfolder: 'u1' })).text()).toBe('below');
  });

  test.each([
    [404, {}],
    [404, { filename: 'nope.png' }],
    [400, { filename: '' }],
    [400, { filename: '/etc/passwd' }],
    [400, { filename: 'a..b.png' }],
    [400, { filename: 'a.png', type: 'secret' }],
    [403, { filename: 'a.png', subfolder: '../..' }],
  ])('returns %i without a body for %j', async (status, query) => {
    const response = await get(await start(), query as Record<string, string>);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test('serves ranges, 304 for a known ETag, and HEAD', async () => {
    const simulator = await startWith({ 'a.txt': '0123456789' });
    const query = { filename: 'a.txt' };
    const part = await get(simulator, query, { headers: { range: 'bytes=2-4' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
    const tail = await get(simulator, query, { headers: { range: 'bytes=-3' } });
    expect([tail.status, await tail.text()]).toEqual([206, '789']);
    expect((await get(simulator, query, { headers: { range: 'bytes=50-' } })).status).toBe(416);
    const etag = (await get(simulator, query)).headers.get('etag') ?? '';
    expect((await get(simulator, query, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const head = await get(simulator, query, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
  });

  test('re-encodes a preview in the requested format at the same size', async () => {
    const simulator = await startWith({ 'a.png': await red(), 'a.txt': 'no picture' });
    for (const [preview, type] of [
      ['webp;80', 'image/webp'],
      ['jpeg', 'image/jpeg'],
      ['bogus', 'image/webp'],
    ] as const) {
      const response = await get(simulator, { filename: 'a.png', preview });
      expect(response.headers.get('content-type')).toBe(type);
      const { format, width, height } = await sharp(await response.arrayBuffer()).metadata();
      expect({ format, width, height }).toEqual({ format: type.slice(6), width: 16, height: 8 });
    }
    expect((await get(simulator, { filename: 'a.txt', preview: 'webp' })).status).toBe(500);
    const opaque = await get(simulator, { filename: 'a.png', channel: 'rgb' });
    expect((await sharp(await opaque.arrayBuffer()).metadata()).channels).toBe(3);
  });

  test('sends active content as an attachment, but not in 0.3.64', async () => {
    const simulator = await startWith({ 'a.html': '<script>', 'a.svg': '<svg/>' });
    const type = async (filename: string) => (await get(simulator, { filename })).headers.get('content-type');
    expect([await type('a.html'), await type('a.svg')]).toEqual(['application/octet-stream', 'image/svg+xml']);
    const newer = await start({ version: '0.8.0' });
    await writeFile(join(newer.directory, 'output', 'a.svg'), '<svg/>');
    const { headers } = await get(newer, { filename: 'a.svg' });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-disposition')).toBe('attachment; filename="a.svg"');
  });

  test('reads the folder from an annotated name', async () => {
    const simulator = await start();
    await writeFile(join(simulator.directory, 'input', 'a.txt'), 'input');
    expect(await (await get(simulator, { filename: 'a.txt [input]', type: 'output' })).text()).toBe('input');
  });
});

describe('POST /upload/image', () => {
  async function upload(simulator: Simulator, content: string, name: string, fields: Record<string, string> = {}) {
    const form = new FormData();
    form.set('image', new File([content], name));
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    const response = await fetch(`${simulator.url}/upload/image`, { method: 'POST', body: form });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  test('keeps the name, and renames a file whose name is taken by other bytes', async () => {
    const simulator = await start();
    const name = async (content: string, fields = {}) => (await upload(simulator, content, 'a.png', fields)).body.name;
    expect(await name('one')).toBe('a.png');
    expect(await name('one')).toBe('a.png');
    expect(await name('two')).toBe('a (1).png');
    expect(await name('two')).toBe('a (1).png');
    expect(await name('three', { overwrite: 'true' })).toBe('a.png');
    expect(await (await get(simulator, { filename: 'a.png', type: 'input' })).text()).toBe('three');
  });

  test('stores into the requested folder and subfolder', async () => {
    const simulator = await start();
    const { body } = await upload(simulator, 'x', 'a.txt', { subfolder: 'u1', type: 'temp' });
    expect(body).toEqual({ name: 'a.txt', subfolder: 'u1', type: 'temp' });
    expect(await (await get(simulator, { filename: 'a.txt', subfolder: 'u1', type: 'temp' })).text()).toBe('x');
  });

  test('rejects paths outside the folder; an invalid upload is a 500', async () => {
    const simulator = await start();
    expect((await upload(simulator, 'x', 'a.png', { subfolder: '../..' })).status).toBe(400);
    expect((await upload(simulator, 'x', 'a.png', { type: 'secret' })).status).toBe(500);
    const form = new FormData();
    form.set('subfolder', '');
    const post = (body: FormData) => fetch(`${simulator.url}/upload/image`, { method: 'POST', body });
    expect((await post(form)).status).toBe(400);
    form.set('image', 'text');
    expect((await post(form)).status).toBe(500);
  });
});

describe('HTTP like aiohttp', () => {
  test('a body above 100 MiB is rejected', async () => {
    const simulator = await start();
    const response = await fetch(`${simulator.url}/prompt`, {
      method: 'POST',
      body: Buffer.alloc(101 * 1024 * 1024, ' '),
    });
    expect([response.status, await response.text()]).toEqual([413, 'Maximum request body size 104857600 exceeded.']);
  });

  test('an unknown path is 404, a wrong method 405, and OPTIONS always 200', async () => {
    const simulator = await start();
    const status = async (path: string, method: string) => (await fetch(simulator.url + path, { method })).status;
    expect(await status('/nothing', 'GET')).toBe(404);
    expect(await status('/queue', 'PUT')).toBe(405);
    expect(await status('/nothing', 'OPTIONS')).toBe(200);
    expect(await status('/ws', 'GET')).toBe(400);
    expect(await status('/api/jobs', 'GET')).toBe(404);
  });

  test('a page of another origin is rejected on a loopback address', async () => {
    const simulator = await start();
    const status = async (origin: string) => (await fetch(`${simulator.url}/queue`, { headers: { origin } })).status;
    expect(await status('http://evil.example')).toBe(403);
    expect(await status(simulator.url)).toBe(200);
    expect(await status('null')).toBe(200);
  });
});

test('files in a configured directory survive the simulator', async () => {
  const first = await start();
  const kept = await start({ directory: join(first.directory, 'kept') });
  await run(kept, card({ prefix: 'kept' }));
  await kept.close();
  const again = await start({ directory: join(first.directory, 'kept') });
  expect((await get(again, { filename: 'kept_00001_.png' })).status).toBe(200);
  await until(async () => (await call(again, '/history')).text === '{}', 'the history to be empty');
});
