/** Storage keys for tests. */
import { createHash } from 'node:crypto';

/** The same bytes of the same owner have the same key. */
export const contentKey = (owner: string, bytes: Uint8Array, extension: string): string =>
  `${owner}/${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.${extension}`;

/** The key of another owner's copy. */
export const copyKey = (key: string, owner: string): string => `${owner}/${key.slice(key.indexOf('/') + 1)}`;
