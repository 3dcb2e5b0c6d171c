/** Tokens of shares. */
import { randomBytes, randomUUID } from 'node:crypto';
import { ShareLinks } from '../../../src/assets/shares/share-links.js';

const SECRETS = ['first secret', 'second secret'];
const links = new ShareLinks(SECRETS, '/comfygraph');

test('a token names its share, and is part of its address', () => {
  for (let count = 0; count < 100; count += 1) {
    const id = randomUUID();
    const token = links.tokenOf(id);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(links.verify(token)).toBe(id);
    expect(links.urlOf(id)).toBe(`/comfygraph/s/${token}`);
  }
});

test('a token of a previous secret works, and that of another server does not', () => {
  const id = randomUUID();
  expect(links.verify(new ShareLinks(['second secret']).tokenOf(id))).toBe(id);
  expect(links.verify(new ShareLinks(['another secret']).tokenOf(id))).toBeUndefined();
});

test('no change of one bit, no other spelling and no random token is accepted', () => {
  const token = links.tokenOf(randomUUID());
  const bytes = Buffer.from(token, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(links.verify(changed.toString('base64url'))).toBeUndefined();
  }
  // The last character carries four bits of the token, and two that decoding ignores.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const spellings = [...alphabet].map((last) => token.slice(0, -1) + last).filter((each) => each !== token);
  for (const other of [
    ...spellings,
    `${token}=`,
    ` ${token}`,
    `${token} `,
    token.slice(1),
    `${token}A`,
    '',
    '\0',
    'a/b',
  ])
    expect(links.verify(other)).toBeUndefined();
  for (let count = 0; count < 1_000; count += 1)
    expect(links.verify(randomBytes(32).toString('base64url'))).toBeUndefined();
});
