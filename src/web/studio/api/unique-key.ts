/** Random keys, also on a page over plain http, where browsers have no `crypto.randomUUID`. */

const BYTES = 16;

export const uniqueKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join('');
