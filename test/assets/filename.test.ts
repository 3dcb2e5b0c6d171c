/** The file names of downloaded images. */
import { filenameOf } from '../../src/assets/filename.js';

const nameFor = (prompt: string, file = 'a/b.png', workflowName = 'test-card') =>
  filenameOf({ id: '01890000-0000-7000-8000-0000abcdef12', file, prompt, workflowName });

test.each([
  ['a beautiful landscape', 'a-beautiful-landscape-cdef12.png'],
  ['Schöne Berge, im "Nebel"!', 'schöne-berge-im-nebel-cdef12.png'],
  ['山の風景', '山の風景-cdef12.png'],
  ['../../etc/passwd\u0000\r\nSet-Cookie: x', 'etc-passwd-set-cookie-x-cdef12.png'],
  ['', 'test-card-cdef12.png'],
  ['!!! ???', 'test-card-cdef12.png'],
  ['CON', 'con-cdef12.png'],
  ['x'.repeat(200), `${'x'.repeat(60)}-cdef12.png`],
  [`${'long words '.repeat(30)}`, 'long-words-long-words-long-words-long-words-long-words-long-cdef12.png'],
  ['𐎀'.repeat(200), `${'𐎀'.repeat(50)}-cdef12.png`],
  // The last letter would be cut from its mark.
  [`${'x'.repeat(59)}n\u0303\u0303\u0303`, `${'x'.repeat(59)}-cdef12.png`],
])('the prompt %j becomes a safe file name', (prompt, name) => {
  expect(nameFor(prompt)).toBe(name);
});

test('the name has the extension of the stored file', () => {
  expect(nameFor('x', 'a/b.webp')).toBe('x-cdef12.webp');
});

test('a graph without a name has a short one', () => {
  const graph = `graph-${'0123456789abcdef'.repeat(2)}01234567`;
  expect(nameFor('', 'a/b.mp4', graph)).toBe('graph-cdef12.mp4');
});

test('no name has more bytes than file systems allow', () => {
  for (const letter of ['x', 'é', '山', '𐎀', 'n\u0303\u0331'])
    expect(Buffer.byteLength(nameFor(letter.repeat(300), 'a/b.safetensors'))).toBeLessThan(256);
});
