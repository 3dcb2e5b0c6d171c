/** Unusual outputs: their names and order, several savers, hostile bytes, and texts that PostgreSQL cannot hold. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import type { Graph } from '../../../src/comfyui/index.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { create, finishes } from '../support.js';
import { readResult, run, saveImages, savePng, saveText, saveVideo, sha256, showText } from './support.js';

let app: TestApp;
let alice: Client;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'comfygraph-outputs-'));
  app = await startTestApp({
    env: { WORKFLOW_AUTHORS: 'users' },
    simulator: { version: '0.33.0', stepMs: 0, directory },
    timings: { outputRetryDelayMs: 1 },
  });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true, force: true });
});

const graphOf = (parts: Record<string, Graph>): Graph =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, graph]) =>
      Object.entries(graph).map(([id, { class_type, inputs }]) => [
        `${part}-${id}`,
        {
          class_type,
          inputs: Object.fromEntries(
            Object.entries(inputs).map(([name, value]) => [
              name,
              Array.isArray(value) ? [`${part}-${value[0]}`, value[1]] : value,
            ]),
          ),
        },
      ]),
    ),
  );

test('two savers in one graph are kept in the order of the workflow’s outputs, under their names', async () => {
  const graph = graphOf({ one: savePng(), two: saveVideo('mp4'), three: saveText('txt'), four: saveImages() });
  const outputs = [
    { name: 'frames', nodeId: 'four-save' },
    { name: 'note', nodeId: 'three-save' },
    { name: 'animation', nodeId: 'one-save' },
  ];
  const saved = await alice.ask(
    `mutation ($graph: JSON!, $outputs: [WorkflowOutputBinding!]) {
      saveWorkflow(input: { name: "several", graph: $graph, inputs: [], outputs: $outputs }) { id } }`,
    { graph, outputs },
  );
  expect(saved.errors).toBeUndefined();
  const { images, files, texts } = await run(alice, { workflow: 'several' });
  expect(images.map(({ output }) => output)).toEqual([...Array(4).fill('frames'), 'animation']);
  // What the workflow does not name comes last, under the id of its node.
  expect(files.map(({ output }) => output)).toEqual(['note', 'two-save']);
  expect(texts.map(({ output }) => output)).toEqual(['note']);
});

test.each(['two words.png', 'a#b.png', '100%.png', '%41.png', 'größe-画-🙂.png', 'a&b=c+d?.png'])(
  'a file named %s is fetched',
  async (filename) => {
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    await writeFile(join(directory, 'output', filename), bytes);
    app.simulator.at('output', { do: 'name', filename, subfolder: '' });
    const { images } = await run(alice, { graph: savePng() });
    expect(images).toEqual([expect.objectContaining({ hash: sha256(bytes), width: 8 })]);
  },
);

test('a file that is not there is a problem beside the other files', async () => {
  app.simulator.at('output', { do: 'name', filename: 'gone.png' });
  const { images, problems } = await run(alice, { graph: saveImages() });
  expect(images).toHaveLength(3);
  expect(problems).toEqual(['The file gone.png could not be fetched from the backend']);
});

test.each(['../../secret.png', '/etc/hostname', '..\\..\\secret.png', '%2e%2e/secret.png', 'a\0.png', '..'])(
  'a file that the history names %j is no file of this server or of ComfyUI',
  async (filename) => {
    const secret = await sharp({ create: { width: 7, height: 7, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    await writeFile(join(directory, 'secret.png'), secret);
    for (const subfolder of ['', '../..']) {
      app.simulator.at('output', { do: 'name', filename, subfolder });
      const { images, files, problems } = await run(alice, { graph: saveImages() });
      expect([images.length, files.length]).toEqual([3, 0]);
      expect(problems).toEqual([expect.stringMatching(/ could not be fetched from the backend$/)]);
      expect(images.map(({ hash }) => hash)).not.toContain(sha256(secret));
    }
  },
);

test('a long text is cut, which is a problem', async () => {
  const long = 'x'.repeat(99_999);
  const text = { class_type: 'StringConcatenate', inputs: { string_a: long, string_b: '🙂🙂', delimiter: '' } };
  const { texts, problems } = await run(alice, { graph: { ...showText(''), text } as Graph });
  expect(texts[0]?.text).toBe(`${long}\ufffd`);
  expect(problems).toEqual(['Only the first 100000 characters of each text were kept']);
});

const pngOf = async (width: number, height: number) => {
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#123' } })
    .png()
    .toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
};

const zipBomb = () => {
  const data = deflateRawSync(Buffer.alloc(50_000_000));
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(data.length, 18);
  head.writeUInt32LE(50_000_000, 22);
  return Buffer.concat([head, data]);
};

const mp4 = (length: number) => {
  const box = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2\0\0\0\0moov', 'latin1');
  box.writeUInt32BE(length, 24);
  return box;
};

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';

test.each<[string, string | Buffer | (() => Promise<Buffer>), string, boolean]>([
  ['an SVG', SVG, TEXT, false],
  ['a page of HTML', '<!doctype html><script>alert(1)</script>', TEXT, false],
  ['a text', 'Out of disk', TEXT, false],
  [
    'a TIFF',
    () =>
      sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
        .tiff()
        .toBuffer(),
    'image/tiff',
    true,
  ],
  ['an archive that would expand to 50 MB', zipBomb(), BYTES, true],
  ['a program', Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), BYTES, true],
  ['a GIF that is a script, too', Buffer.from('GIF89a/*\0\0*/=1;alert(1)', 'latin1'), '', false],
  ['nothing', '', '', false],
  ['half an image', async () => (await pngOf(1, 1)).subarray(0, 50), '', false],
  ['an image of 60,000 × 60,000', () => pngOf(60_000, 60_000), '', false],
  ['a film with a length of 4 GB in 32 bytes', mp4(0xffff_fff0), BYTES, true],
  ['a film with a length of 3', mp4(3), BYTES, true],
])('an output named .png that is %s is refused, or served harmlessly', async (_, given, contentType, isAttachment) => {
  const body = typeof given === 'function' ? await given() : given;
  app.simulator.at('output', { do: 'write', body });
  const { id, status, failure } = await finishes(alice, (await create(alice)).id);
  if (contentType === '') {
    expect([status, failure?.code]).toEqual(['FAILED', 'RESULT_UNAVAILABLE']);
    return;
  }
  const { files, images } = await readResult(alice, id);
  expect([images.length, files.length]).toEqual([0, 1]);
  const response = await fetch(app.url + files[0]?.url);
  expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(body))).toBe(true);
  const { headers } = response;
  expect(headers.get('Content-Type')).toBe(contentType);
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Content-Security-Policy')).toMatch(/default-src 'none'; sandbox/);
  expect(/^attachment; filename=/.test(headers.get('Content-Disposition') ?? '')).toBe(isAttachment);
});
