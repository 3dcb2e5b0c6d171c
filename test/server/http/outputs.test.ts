/** Thumbnails, posters, archives and ranges of the files of a result, at their signed URLs. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { thumbnailKey } from '../../../src/assets/derived.js';
import { demoModels } from '../../../src/simulator/demo-models.js';
import {
  bytesOf,
  type KeptResult,
  readResult,
  run,
  saveText,
  saveVideo,
  sha256,
} from '../../generations/outputs/support.js';
import {
  becomes,
  codeOf,
  create,
  dataOf,
  filesOf,
  filesSettle,
  remove,
  storedFiles,
} from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    env: { WORKFLOW_AUTHORS: 'users' },
    simulator: { ...demoModels, version: '0.33.0', stepMs: 5 },
  });
  alice = await signUp(app.url);
});
afterAll(() => app.close());

type Made = KeptResult & { id: string };

async function picture(input: object = {}): Promise<Made> {
  const { id } = await becomes(alice, (await create(alice, { width: 512, height: 256, ...input })).id, 'COMPLETED');
  return { id, ...(await readResult(alice, id)) };
}

const thumbnailOf = async (id: string, width: number): Promise<string> =>
  (await dataOf(alice.ask(`{ node(id: "${id}") { ... on Image { thumbnailUrl(width: ${width}) } } }`))).node
    .thumbnailUrl;

describe('thumbnails', () => {
  test('one has the next larger width, is made once, and goes with its image', async () => {
    const { id, images } = await picture();
    const [image] = images as [KeptResult['images'][0]];
    for (const [asked, width] of [
      [1, 192],
      [192, 192],
      [193, 384],
      [9_999, 512],
    ] as const) {
      const url = await thumbnailOf(image.id, asked);
      const responses = await Promise.all(Array.from({ length: 4 }, () => fetch(app.url + url)));
      const all = await Promise.all(responses.map(async (each) => Buffer.from(await each.arrayBuffer())));
      expect(new Set(all.map(sha256)).size).toBe(1);
      expect(responses[0]?.headers.get('Content-Type')).toBe('image/webp');
      expect(await sharp(all[0]).metadata()).toMatchObject({ format: 'webp', width, height: width / 2 });
    }
    const [file = ''] = await filesOf(app, id);
    expect(await storedFiles(app)).toEqual(
      expect.arrayContaining([192, 384, 1536].map((width) => thumbnailKey(file, width))),
    );
    await remove(alice, id);
    await filesSettle(app);
    expect((await fetch(app.url + image.thumbnailUrl)).status).toBe(404);
  });

  test('a width below 1 is BAD_USER_INPUT, and a URL without its signature is 404', async () => {
    const { images } = await picture();
    const [image] = images as [KeptResult['images'][0]];
    const of = (width: number) =>
      alice.ask(`{ node(id: "${image.id}") { ... on Image { thumbnailUrl(width: ${width}) } } }`);
    expect(await codeOf(of(0))).toBe('BAD_USER_INPUT');
    const url = await thumbnailOf(image.id, 384);
    for (const wrong of [url.split('?')[0], url.replace('/384.', '/192.'), url.replace('/384.', '/400.')])
      expect((await fetch(app.url + wrong)).status).toBe(404);
  });
});

/** The names and contents of an archive whose files are stored without compression. */
function filesIn(zip: Buffer): [name: string, content: Buffer][] {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const entries: [string, Buffer][] = [];
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [size, nameLength, extraLength] = [
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
    ];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    entries.push([zip.toString('utf8', at + 46, at + 46 + nameLength), zip.subarray(start, start + size)]);
    at += 46 + nameLength + extraLength + zip.readUInt16LE(at + 32);
  }
  return entries;
}

test('an archive has all images and files of a result, under different names', async () => {
  const { images, archiveUrl, id } = await picture({ prompt: 'a hill', batchSize: 3, width: 64, height: 64 });
  const response = await fetch(app.url + archiveUrl);
  expect(response.headers.get('Content-Type')).toBe('application/zip');
  expect(response.headers.get('Content-Disposition')).toMatch(/^attachment; filename=a-hill-[0-9a-f]{6}\.zip$/);
  const entries = filesIn(Buffer.from(await response.arrayBuffer()));
  expect(entries.map(([name]) => name)).toEqual(images.map(({ filename }) => filename));
  expect(entries.map(([, content]) => sha256(content))).toEqual(images.map(({ hash }) => hash));
  const head = await fetch(app.url + archiveUrl, { method: 'HEAD' });
  expect([head.status, head.headers.get('Content-Disposition')]).toEqual([
    200,
    response.headers.get('Content-Disposition'),
  ]);
  await remove(alice, id);
  expect((await fetch(app.url + archiveUrl)).status).toBe(404);
});

describe('a file that is damaged or gone in the storage', () => {
  const METHODS = ['GET', 'HEAD'];
  const statusesOf = async (url: string) =>
    await Promise.all(
      METHODS.map(async (method) => {
        const response = await fetch(app.url + url, { method, headers: { range: 'bytes=0-1' } });
        await response.arrayBuffer();
        const { headers, status } = response;
        return [status, headers.get('Cache-Control'), headers.get('Content-Disposition')];
      }),
    );
  const NOT_FOUND = METHODS.map(() => [404, 'no-store', null]);

  test('has no thumbnail, and is 404 when it is gone, also as a download', async () => {
    const { id, images } = await picture();
    const [image] = images as [KeptResult['images'][0]];
    const [file = ''] = await filesOf(app, id);
    const path = `${app.env.DATA_DIR}/pictures/${file}`;
    await writeFile(path, (await readFile(path)).subarray(0, 200));
    for (const width of [192, 384]) expect(await statusesOf(await thumbnailOf(image.id, width))).toEqual(NOT_FOUND);
    expect((await fetch(app.url + image.url)).status).toBe(200);
    await rename(path, `${path}.away`);
    for (const url of [image.url, `${image.url}&download=1`, String(image.thumbnailUrl)])
      expect(await statusesOf(url)).toEqual(NOT_FOUND);
    await rename(`${path}.away`, path);
  });
});

test('an archive whose file is gone is cut, and never a whole file', async () => {
  const { archiveUrl, id } = await picture({ width: 64, height: 64 });
  const [file = ''] = await filesOf(app, id);
  const path = `${app.env.DATA_DIR}/pictures/${file}`;
  await rename(path, `${path}.away`);
  await expect(fetch(app.url + archiveUrl).then((response) => response.arrayBuffer())).rejects.toThrow();
  await rename(`${path}.away`, path);
});

test('a video has its last preview as its poster, and ranges of bytes', async () => {
  const graph = saveVideo('mp4');
  const { files } = await run(alice, {
    workflow: 'wan-2.2-text-to-video',
    prompt: 'a lake',
    steps: 6,
    width: 128,
    height: 64,
    parameters: { length: 5 },
  });
  const [video] = files as [KeptResult['files'][0]];
  const poster = await fetch(app.url + video.posterUrl);
  expect(poster.headers.get('Content-Type')).toMatch(/^image\/(jpeg|png)$/);
  expect((await sharp(Buffer.from(await poster.arrayBuffer())).metadata()).width).toBeGreaterThan(0);
  const whole = await bytesOf(app, video.url);
  const part = await fetch(app.url + video.url, { headers: { Range: 'bytes=4-7' } });
  expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
  expect(part.headers.get('Content-Range')).toBe(`bytes 4-7/${whole.length}`);
  expect(part.headers.get('Content-Disposition')).toBeNull();
  const [url, signature] = String(video.posterUrl).split('?');
  expect((await fetch(`${app.url}${url?.replace('/posters/', '/files/')}?${signature}`)).status).toBe(404);
  // Without previews there is none.
  expect((await run(alice, { graph })).files[0]?.posterUrl).toBeNull();
});

test('a file is saved under its name', async () => {
  const { files } = await run(alice, { graph: saveText('csv') });
  const [file] = files as [KeptResult['files'][0]];
  const response = await fetch(app.url + file.url);
  expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('Content-Disposition')).toBe(`attachment; filename=${file.filename}`);
  expect(file.filename).toMatch(/\.csv$/);
});
