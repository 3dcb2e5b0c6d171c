/** Media types are recognized by the first bytes of a file, and by the names that browsers use. */
import sharp from 'sharp';
import { detectMediaType, extensionOf, MEDIA_TYPES, mediaTypeOf } from '../../../src/assets/uploads/media-types.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const pixel = () => sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } });
const webm = (docType: string) =>
  bytes(`\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84${docType}B\x87\x81\x04`);

test.each<[type: string, head: Buffer]>([
  ['video/mp4', bytes('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41')],
  ['video/mp4', bytes('\0\0\0\x1cftypmp42')],
  ['video/webm', webm('webm')],
  ['audio/wav', bytes('RIFF\x24\0\0\0WAVEfmt ')],
  ['audio/mpeg', bytes('ID3\x04\0\0')],
  ['audio/mpeg', bytes('\xff\xfb\x90\x64')],
  ['audio/flac', bytes('fLaC\0\0\0\x22')],
  ['audio/ogg', bytes('OggS\0\x02')],
  ['application/json', bytes('{"nodes": []}')],
  ['application/json', bytes('\xef\xbb\xbf\n [1]')],
])('%s is recognized by its first bytes (%#)', (type, head) => {
  expect(detectMediaType(head)).toBe(type);
});

test.each(['png', 'jpeg', 'webp', 'gif'] as const)('an image encoded as %s is recognized', async (format) => {
  expect(detectMediaType(await pixel().toFormat(format).toBuffer())).toBe(`image/${format}`);
});

test.each<[what: string, head: Buffer]>([
  ['nothing', bytes('')],
  ['HTML', bytes('<!doctype html><script>alert(1)</script>')],
  ['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a program', bytes('\x7fELF\x02\x01\x01')],
  ['a ZIP file', bytes('PK\x03\x04')],
  ['a pickle', bytes('\x80\x04\x95')],
  ['an AVIF image', bytes('\0\0\0\x20ftypavif')],
  ['an HEIC image', bytes('\0\0\0\x20ftypheic')],
  ['a QuickTime film', bytes('\0\0\0\x14ftypqt  ')],
  ['Matroska that is not WebM', webm('matroska')],
  ['a RIFF file of another kind', bytes('RIFF\x24\0\0\0AVI LIST')],
  ['half of a signature', bytes('\x89PNG')],
])('%s has no supported type', (_, head) => {
  expect(detectMediaType(head)).toBeUndefined();
});

test.each([
  ['image/jpg', 'image/jpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/mp3', 'audio/mpeg'],
  ['IMAGE/PNG', 'image/png'],
  ['application/json; charset=utf-8', 'application/json'],
  ['image/svg+xml', undefined],
  ['text/html', undefined],
  ['constructor', undefined],
  ['', undefined],
])('the name %s means %s', (given, type) => {
  expect(mediaTypeOf(given)).toBe(type);
});

test('every type has its own extension', () => {
  expect(new Set(MEDIA_TYPES.map(extensionOf)).size).toBe(MEDIA_TYPES.length);
});
