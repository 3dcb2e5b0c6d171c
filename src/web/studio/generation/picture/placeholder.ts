/** What is seen of an image while it loads. */
import { thumbHashToDataURL } from 'thumbhash';

const MAX_KEPT = 1_000;
/** Decoding takes more than a millisecond, and a gallery shows the same images again and again. */
const kept = new Map<string, string>();

export const isDecoded = (thumbHash: string | null): boolean => thumbHash !== null && kept.has(thumbHash);

/** @param thumbHash in base64 @returns the value of `background-image`; undefined without a hash */
export function placeholderOf(thumbHash: string | null): string | undefined {
  if (!thumbHash) return undefined;
  const known = kept.get(thumbHash);
  if (known) return known;
  const bytes = Uint8Array.from(atob(thumbHash), (character) => character.charCodeAt(0));
  const image = `url(${thumbHashToDataURL(bytes)})`;
  if (kept.size === MAX_KEPT) kept.clear();
  kept.set(thumbHash, image);
  return image;
}
