/**
 * The PUT of an upload at its signed URL: one file, of the type and size that were named, or nothing.
 *
 * @slow: sends many files, and cuts many connections.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rename } from 'node:fs/promises';
import { connect as connectTo, type Socket } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import pg from 'pg';
import sharp from 'sharp';
import { SECRET } from '../../accounts/forge.js';
import { filled, picture, put, readUpload, refusal, tryDelete, upload } from '../../assets/uploads/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

let app: TestApp;
let alice: Client & { id: string };
let database: pg.Client;
const sockets: Socket[] = [];
beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET, MAX_UPLOAD_BYTES: '4000000' } });
  alice = await signUp(app.url);
  database = new pg.Client({ connectionString: app.database.url });
  await database.connect();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await database?.end();
  await app?.close();
});

const pathOf = (url: string) => String(url.split('?')[0]);
const body = (content: Buffer | string) => new Uint8Array(Buffer.from(content as string));
/** Signs as the server does. */
function sign(path: string, expiresAt = Date.now() + 60_000): string {
  const key = createHmac('sha256', SECRET).update('signed url').digest();
  const expires = Math.floor(expiresAt / 1000);
  return `${path}?expires=${expires}&signature=${createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url')}`;
}
/** All files of the storage, temporary ones included. */
async function files(): Promise<string[]> {
  const found = await readdir(join(String(app.env.DATA_DIR), 'pictures'), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}
/** Nothing arrived: no file, not even a temporary one, and the row is as before. */
async function expectNothing(id: string, before: string[]): Promise<void> {
  await until(async () => (await files()).every((name) => before.includes(name)), 'the temporary file to be removed');
  // A temporary file of an earlier request may have gone, too; its name has no extension.
  expect(await files()).toEqual(expect.arrayContaining(before.filter((name) => name.includes('.'))));
  expect(await readUpload(alice, id)).toMatchObject({ isFilled: false, width: null });
}
/** Sends the text as it is, and leaves the connection open. */
async function open(text: string): Promise<Socket & { received: string }> {
  const { hostname, port } = new URL(app.url);
  const socket = Object.assign(connectTo(Number(port), hostname), { received: '' });
  sockets.push(socket);
  socket.on('error', () => {}).setEncoding('utf8');
  socket.on('data', (data) => {
    socket.received += data;
  });
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}
const request = (url: string, ...headers: string[]): string =>
  [`PUT ${url} HTTP/1.1`, 'Host: comfygraph.example', ...headers, '', ''].join('\r\n');

test('a PUT without a credential fills the upload, which then has its dimensions and a day to live', async () => {
  const bytes = await picture(20, 10);
  const created = await upload(alice, { byteSize: bytes.length, filename: 'a dog.png' });
  expect(created).toMatchObject({ isFilled: false, filename: 'a dog.png', contentType: 'image/png', width: null });
  expect(created.url).toMatch(/^\/uploads\/[0-9a-f-]{36}\?expires=\d+&signature=/);
  const hoursLeft = (Date.parse(created.expiresAt) - Date.now()) / 3_600_000;
  expect(hoursLeft).toBeGreaterThan(0.9);
  expect(hoursLeft).toBeLessThanOrEqual(1.01);
  const response = await put(app.url + created.url, body(bytes), { headers: { 'content-type': 'text/html' } });
  expect([response.status, await response.text()]).toEqual([204, '']);
  const found = await readUpload(alice, created.id);
  expect(found).toMatchObject({ isFilled: true, width: 20, height: 10, byteSize: bytes.length });
  expect((Date.parse(String(found?.expiresAt)) - Date.now()) / 3_600_000).toBeGreaterThan(23);
});

test('a second PUT is a CONFLICT and changes nothing, also with the newer URL', async () => {
  const bytes = await picture();
  const { id, url } = await filled(app, alice, bytes);
  const before = await files();
  for (const each of [url, String((await readUpload(alice, id))?.url)])
    expect(await refusal(await put(app.url + each, body(bytes)))).toMatchObject({ status: 409, code: 'CONFLICT' });
  expect((await files()).sort()).toEqual(before.sort());
});

describe('a file is refused, leaves nothing, and the right one fills the upload afterwards:', () => {
  const DECLARED = 5_000;
  /** A PNG with text behind it has any size. */
  const padded = async (size: number): Promise<Buffer> => {
    const png = await picture();
    return Buffer.concat([png, Buffer.alloc(size - png.length, '<script>alert(1)</script>')]);
  };
  /** Its header promises 60,000 × 60,000 pixels. */
  const enormous = async (size: number): Promise<Buffer> => {
    const png = await padded(size);
    for (const at of [16, 20]) png.writeUInt32BE(60_000, at);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    return png;
  };
  test.each<[what: string, wrong: () => Promise<Buffer | string>, code: RegExp]>([
    ['empty', async () => '', /^The file must have the 5000 bytes that createUpload named, not 0$/],
    ['one byte short', () => padded(DECLARED - 1), /not 4999$/],
    ['one byte too long', () => padded(DECLARED + 1), /not 5001$/],
    ['far too long', async () => Buffer.alloc(3_000_000), /not 3000000$/],
    ['HTML', async () => '<html>'.padEnd(DECLARED), /^The file is of no supported type, not image\/png$/],
    ['SVG', async () => '<svg xmlns="http://www.w3.org/2000/svg">'.padEnd(DECLARED), /of no supported type/],
    ['a GIF', async () => 'GIF89a'.padEnd(DECLARED), /^The file is image\/gif, not image\/png$/],
    ['JSON', async () => '{}'.padEnd(DECLARED), /^The file is application\/json/],
    [
      'a GIF that is a page, too',
      async () => 'GIF89a/*<script>alert(1)</script>*/'.padEnd(DECLARED),
      /image\/gif, not/,
    ],
    ['an archive', async () => 'PK\x03\x04'.padEnd(DECLARED), /of no supported type/],
    ['a PNG of 60,000 × 60,000', () => enormous(DECLARED), /Invalid or truncated image/],
    ['a truncated PNG', async () => (await picture(64, 64)).subarray(0, DECLARED), /Invalid or truncated image/],
    [
      'only the signature of a PNG',
      async () => Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(DECLARED), 'latin1'),
      /Invalid or/,
    ],
  ])('%s', async (_, wrong, message) => {
    const { id, url } = await upload(alice, { byteSize: DECLARED });
    const before = await files();
    const given = body((await wrong()) as Buffer);
    // With a Content-Length, and chunked without one.
    for (const sent of [given, new Blob([given]).stream()]) {
      const refused = await refusal(await put(app.url + url, sent));
      expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      if (sent === given) expect(refused.message).toMatch(message);
    }
    await expectNothing(id, before);
    expect((await put(app.url + url, body(await padded(DECLARED)))).status).toBe(204);
  });
});

test('an image of more pixels than results may have is refused', async () => {
  const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { id, url } = await upload(alice, { byteSize: bomb.length });
  const before = await files();
  expect(await refusal(await put(app.url + url, body(bomb)))).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  await expectNothing(id, before);
});

test.each([
  ['with a Content-Length', ['Content-Length: 1000'], 'x'.repeat(500)],
  ['chunked', ['Transfer-Encoding: chunked'], '3e8\r\nxxx'],
])('a PUT %s that is cut in the middle leaves nothing, and can be repeated', async (_, headers, part) => {
  const bytes = await picture();
  const { id, url } = await upload(alice, { byteSize: headers[0]?.startsWith('C') ? 1_000 : bytes.length });
  const before = await files();
  const socket = await open(request(url, ...headers) + part);
  await until(async () => (await files()).length > before.length, 'the temporary file');
  socket.destroy();
  await expectNothing(id, before);
  await until(async () => {
    const { status } = await put(app.url + url, body('x'));
    return status === 400;
  }, 'the next PUT to be read');
});

test('of two PUTs at once one is received, and the other is a CONFLICT', async () => {
  const bytes = await picture();
  const { id, url } = await upload(alice, { byteSize: bytes.length });
  const before = await files();
  const socket = await open(request(url, `Content-Length: ${bytes.length}`));
  socket.write(bytes.subarray(0, 10));
  await until(async () => (await files()).length > before.length, 'the temporary file');
  const refused = await refusal(await put(app.url + url, body(bytes)));
  expect(refused).toMatchObject({ status: 409, code: 'CONFLICT', message: 'Another PUT to this URL is under way' });
  socket.write(bytes.subarray(10));
  await until(() => socket.received.startsWith('HTTP/1.1 204'), 'the first PUT to succeed');
  expect((await readUpload(alice, id))?.isFilled).toBe(true);
});

test('of two PUTs at once through two servers one fills the upload', async () => {
  const other = await app.startAnother();
  try {
    const bytes = await picture();
    const { url } = await upload(alice, { byteSize: bytes.length });
    const before = await files();
    const both = await Promise.all([app, other].map((each) => put(each.url + url, body(bytes))));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
    await until(async () => (await files()).length === before.length + 1, 'one file');
  } finally {
    await other.close();
  }
});

test('a deletion during the PUT leaves nothing', async () => {
  const bytes = await picture();
  const { id, url } = await upload(alice, { byteSize: bytes.length });
  const before = await files();
  const socket = await open(request(url, `Content-Length: ${bytes.length}`));
  socket.write(bytes.subarray(0, 10));
  await until(async () => (await files()).length > before.length, 'the temporary file');
  await tryDelete(alice, id);
  socket.write(bytes.subarray(10));
  await until(() => socket.received.startsWith('HTTP/1.1 404'), 'the PUT to be refused');
  await until(async () => (await files()).length === before.length, 'the file to be removed');
});

test('while the disk cannot be written, a PUT is an internal error, and can be repeated', async () => {
  const bytes = await picture(64, 64);
  const { id, url } = await upload(alice, { byteSize: bytes.length });
  const before = await files();
  const temporary = join(String(app.env.DATA_DIR), 'pictures', '.temporary');
  await rename(temporary, `${temporary}-away`);
  try {
    for (const sent of [body(bytes), new Blob([body(bytes)]).stream()])
      expect(await refusal(await put(app.url + url, sent))).toMatchObject({
        status: 500,
        code: 'INTERNAL_SERVER_ERROR',
      });
  } finally {
    await rename(`${temporary}-away`, temporary);
  }
  await expectNothing(id, before);
  expect((await put(app.url + url, body(bytes))).status).toBe(204);
});

test('an endless chunked PUT is cut', async () => {
  const { id, url } = await upload(alice);
  const before = await files();
  const socket = await open(request(url, 'Transfer-Encoding: chunked'));
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  let sent = 0;
  while (!socket.destroyed && sent < 1_000) {
    sent += 1;
    if (!socket.write(chunk)) await new Promise((proceed) => socket.once('drain', proceed).once('close', proceed));
  }
  expect(socket.received).toMatch(/^HTTP\/1\.1 400/);
  expect(sent).toBeLessThan(1_000);
  await expectNothing(id, before);
});

describe('404 is returned', () => {
  test.each<[claim: string, change: (url: string) => string]>([
    ['without a signature', pathOf],
    ['with another signature', (url) => url.replace(/signature=.{4}/, 'signature=AAAA')],
    ['with a later expiry', (url) => url.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 60}`)],
    ['with two signatures', (url) => `${url}&signature=x`],
    ['after the expiry of the URL', (url) => sign(pathOf(url), Date.now() - 1_000)],
    ['for another id', (url) => url.replace(/[0-9a-f]{4}(?=\?)/, '0000')],
    ['for an unknown id', () => sign('/uploads/01890000-0000-7000-8000-000000000000')],
    ['for an invalid id', () => sign('/uploads/x')],
    ['for a path traversal', () => sign('/uploads/..%2F..%2Fetc%2Fpasswd')],
  ])('%s', async (_, change) => {
    const { id, url } = await upload(alice);
    const before = await files();
    expect(await refusal(await put(app.url + change(url), body('x'.repeat(100))))).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
    await expectNothing(id, before);
  });

  test('after the upload has expired or was deleted', async () => {
    const [expired, deleted] = [await upload(alice), await upload(alice)];
    await database.query(`update uploads set expires_at = now() - interval '1 s' where id = $1`, [expired.id]);
    await tryDelete(alice, deleted.id);
    for (const { url } of [expired, deleted])
      expect(await refusal(await put(app.url + url, body('x')))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  test('once the account is disabled or deleted, also in the middle of the PUT', async () => {
    const admin = await signUp(app.url, ADMIN_EMAIL);
    const bytes = await picture();
    for (const end of ['disable', 'delete'] as const) {
      const bob = await signUp(app.url);
      const [first, second] = await Promise.all([1, 2].map(() => upload(bob, { byteSize: bytes.length })));
      const before = await files();
      const socket = await open(request(String(first?.url), `Content-Length: ${bytes.length}`));
      socket.write(bytes.subarray(0, 10));
      await until(async () => (await files()).length > before.length, 'the temporary file');
      if (end === 'disable') await admin.ask(`mutation { disableUser(id: "${bob.id}") { id } }`);
      else await bob.ask('mutation { deleteAccount(password: "correct horse battery") }');
      socket.write(bytes.subarray(10));
      await until(() => socket.received.startsWith('HTTP/1.1 404'), 'the PUT to be refused');
      expect((await put(app.url + second?.url, body(bytes))).status).toBe(404);
      await until(async () => (await files()).length === before.length, 'the file to be removed');
    }
  });

  test.each(['GET', 'HEAD', 'POST', 'DELETE'])('for %s: a file is never served', async (method) => {
    const { url } = await filled(app, alice, await picture());
    expect((await fetch(app.url + url, { method })).status).toBe(404);
  });
});

test('a page of another origin may PUT', async () => {
  const bytes = await picture();
  const { url } = await upload(alice, { byteSize: bytes.length });
  const origin = 'https://app.example.com';
  const asked = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' };
  const preflight = await fetch(app.url + url, { method: 'OPTIONS', headers: asked });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  const response = await put(app.url + url, body(bytes), { headers: { origin } });
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
});
