/** What is seen of an image while it loads. */
import { thumbHashToDataURL } from 'thumbhash';

/** @param thumbHash in base64 @returns the value of `background-image`; undefined without a hash */
export function placeholderOf(thumbHash: string | null): string | undefined {
  if (!thumbHash) return undefined;
  const bytes = Uint8Array.from(atob(thumbHash), (character) => character.charCodeAt(0));
  return `url(${thumbHashToDataURL(bytes)})`;
}
