/** The media types of uploads, and the names that browsers use for them. */
import { MEDIA_TYPES as KNOWN, type MediaType, SIGNATURE_BYTES } from '../media/media-types.js';

/** What a file can be an input as. */
export type MediaKind = 'IMAGE' | 'VIDEO' | 'AUDIO' | 'FILE';

/** No signature needs more. */
export const HEAD_BYTES = SIGNATURE_BYTES;

/** Each with other names that browsers and systems use. */
const ACCEPTED: Record<string, readonly string[]> = {
  'image/png': [],
  'image/jpeg': ['image/jpg'],
  'image/webp': [],
  'image/gif': [],
  'video/mp4': [],
  'video/webm': [],
  'audio/wav': ['audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
  'audio/mpeg': ['audio/mp3', 'audio/x-mpeg'],
  'audio/flac': ['audio/x-flac'],
  'audio/ogg': ['application/ogg'],
  'application/json': [],
};

export const MEDIA_TYPES = Object.keys(ACCEPTED);

/** @param given as a client names it, such as `audio/X-WAV; rate=44100`. Undefined for an unsupported type. */
export function mediaTypeOf(given: string): string | undefined {
  const name = given.split(';')[0]?.trim().toLowerCase() ?? '';
  return MEDIA_TYPES.find((type) => type === name || ACCEPTED[type]?.includes(name));
}

/** @param head the first HEAD_BYTES bytes. Undefined for bytes of no supported type. */
export function detectMediaType(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, HEAD_BYTES);
  const found = KNOWN.find(({ matches }) => matches(text))?.contentType;
  return found !== undefined && found in ACCEPTED ? found : undefined;
}

const known = (contentType: string): MediaType | undefined => KNOWN.find((type) => type.contentType === contentType);

/** @param type one of MEDIA_TYPES */
export const extensionOf = (type: string): string => known(type)?.extension ?? 'bin';

export function kindOf(contentType: string): MediaKind {
  const kind = known(contentType)?.kind;
  return kind === 'IMAGE' || kind === 'VIDEO' || kind === 'AUDIO' ? kind : 'FILE';
}
