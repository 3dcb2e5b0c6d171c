/** Workflows inside pictures, videos and sounds. The files were written by ffmpeg and sharp; PNG and the rest are built here. */
import { readdirSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { imported, refusal } from './support.js';

const graph = { 1: { class_type: 'SaveImage', inputs: { filename_prefix: 'é "quoted" ; = # \\ x' } } };
const prompt = JSON.stringify(graph);
const FOLDER = 'test/workflows/import/files';

const chunk = (type: string, ...parts: (string | Buffer)[]) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body, Buffer.alloc(4)]);
};
const png = (...chunks: Buffer[]) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

test.each(readdirSync(FOLDER))('%s gives its prompt', (file) => {
  const draft = imported(readFileSync(`${FOLDER}/${file}`));
  expect(draft).toMatchObject({ format: 'IMAGE', problems: [] });
  expect(draft.graph[2]).toMatchObject({
    class_type: 'SaveImage',
    inputs: { filename_prefix: expect.stringContaining('é "quoted"') },
  });
});

const glbJson = JSON.stringify({ asset: { version: '2.0', extras: { prompt: graph } } });
const header = JSON.stringify({ __metadata__: { prompt } });

test.each([
  ['tEXt', png(chunk('tEXt', 'prompt\0', prompt))],
  ['zTXt', png(chunk('zTXt', 'prompt\0\0', deflateSync(prompt)))],
  ['iTXt', png(chunk('iTXt', 'prompt\0\0\0\0\0', prompt))],
  ['compressed iTXt', png(chunk('iTXt', 'prompt\0\x01\0en\0\0', deflateSync(prompt)))],
  ['comf', png(chunk('IDAT'), chunk('comf', 'prompt\0', prompt))],
  [
    'GLB',
    Buffer.concat([
      Buffer.from('glTF'),
      u32(2),
      u32(0),
      u32(Buffer.byteLength(glbJson)),
      Buffer.from('JSON'),
      Buffer.from(glbJson),
    ]),
  ],
  ['safetensors', Buffer.concat([u32(Buffer.byteLength(header)), u32(0), Buffer.from(header)])],
  [
    'SVG',
    Buffer.from(
      `<?xml version="1.0"?><svg><metadata><![CDATA[${JSON.stringify({ prompt: graph })}]]></metadata></svg>`,
    ),
  ],
  [
    'EXR',
    Buffer.concat([
      Buffer.from('v/1\x01\x02\0\0\0prompt\0string\0'),
      u32(Buffer.byteLength(prompt)),
      Buffer.from(`${prompt}\0`),
    ]),
  ],
  ['JSON in bytes', Buffer.from(prompt)],
])('%s gives its prompt', (_, file) => {
  expect(imported(file).graph).toEqual(graph);
});

test('bare NaN of Python becomes null', () => {
  const text = '{"1":{"class_type":"PreviewAny","inputs":{"is_changed":NaN}}}';
  expect(imported(png(chunk('tEXt', 'prompt\0', text))).graph[1]?.inputs).toEqual({ is_changed: null });
});

test('a file without a workflow is refused with its format', () => {
  expect(refusal(png(chunk('IHDR'), chunk('IEND')))).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'document',
    message: expect.stringContaining('The PNG file carries no workflow'),
  });
});

test('a file that is cut off anywhere is imported or refused', () => {
  for (const name of readdirSync(FOLDER)) {
    const whole = readFileSync(`${FOLDER}/${name}`);
    for (let length = 0; length < whole.length; length += 7) {
      const cut = whole.subarray(0, length);
      try {
        expect(imported(cut).format).toBe('IMAGE');
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
      }
    }
  }
});

test('a compressed text that unpacks to more than the bound is not unpacked', () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000, ' '));
  expect(refusal(png(chunk('zTXt', 'prompt\0\0', bomb)))).toMatchObject({ code: 'BAD_USER_INPUT' });
});

describe('texts that unpack to megabytes', () => {
  const bomb = deflateSync(Buffer.alloc(1_990_000, 'a'));
  const bombs = (key: string) => Array.from({ length: 5 }, () => chunk('zTXt', `${key}\0\0`, bomb));
  const found = chunk('tEXt', 'prompt\0', prompt);

  test('are not unpacked where nothing reads them', () => {
    expect(imported(png(...bombs('Description'), found)).graph).toMatchObject(graph);
  });

  test('are not read on beyond a bound of the whole file', () => {
    expect(refusal(png(...bombs('comment'), found))).toMatchObject({ message: expect.stringMatching(/no workflow/) });
  });

  test('that end in NULs before another character are read at once', () => {
    const nuls = Buffer.alloc(1_900_000);
    const tag = Buffer.concat([Buffer.from('workflow:'), nuls, Buffer.from('x')]);
    const tiff = Buffer.concat([
      Buffer.from('II*\0'),
      u32(8),
      Buffer.from([1, 0, 0x0f, 1, 2, 0]),
      u32(tag.length),
      u32(22),
      tag,
    ]);
    expect(refusal(png(chunk('eXIf', tiff)))).toMatchObject({ message: expect.stringMatching(/not JSON/) });
  });
});

test('a name that does not end is no name', () => {
  const endless = ['tEXt', 'zTXt', 'iTXt'].map((type) => chunk(type, Buffer.alloc(300_000, 'k')));
  expect(imported(png(...endless, chunk('tEXt', 'prompt\0', prompt))).graph).toMatchObject(graph);
});
