/** The media types of uploads: their names, and the first bytes of their files. */

/** What a file can be an input as. */
export type MediaKind = 'IMAGE' | 'VIDEO' | 'AUDIO' | 'FILE';

type MediaType = {
  extension: string;
  kind: MediaKind;
  /** Whether a file that begins with these bytes, given as Latin-1, has this type. */
  signature: RegExp;
  /** Other names that browsers and systems use. */
  aliases?: string[];
};

/** No signature needs more. */
export const HEAD_BYTES = 64;

const TYPES: Record<string, MediaType> = {
  'image/png': { extension: 'png', kind: 'IMAGE', signature: /^\x89PNG\r\n.\n/s },
  'image/jpeg': { extension: 'jpg', kind: 'IMAGE', signature: /^\xff\xd8\xff/, aliases: ['image/jpg'] },
  'image/webp': { extension: 'webp', kind: 'IMAGE', signature: /^RIFF.{4}WEBP/s },
  'image/gif': { extension: 'gif', kind: 'IMAGE', signature: /^GIF8[79]a/ },
  // Of the formats that share this container: AVIF and HEIC are images, M4A is sound, and `qt  ` is QuickTime.
  'video/mp4': { extension: 'mp4', kind: 'VIDEO', signature: /^.{4}ftyp(?!avi|hei|hev|mif|msf|M4A|M4B|qt)/s },
  'video/webm': { extension: 'webm', kind: 'VIDEO', signature: /^.E\xdf\xa3.{0,48}?B\x82.webm/s },
  'audio/wav': {
    extension: 'wav',
    kind: 'AUDIO',
    signature: /^RIFF.{4}WAVE/s,
    aliases: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
  },
  'audio/mpeg': {
    extension: 'mp3',
    kind: 'AUDIO',
    // A tag, or a frame of layer III.
    signature: /^(ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/,
    aliases: ['audio/mp3', 'audio/x-mpeg'],
  },
  'audio/flac': { extension: 'flac', kind: 'AUDIO', signature: /^fLaC/, aliases: ['audio/x-flac'] },
  'audio/ogg': { extension: 'ogg', kind: 'AUDIO', signature: /^OggS/, aliases: ['application/ogg'] },
  // A byte order mark may come first.
  'application/json': { extension: 'json', kind: 'FILE', signature: /^(\xef\xbb\xbf)?[ \t\r\n]*[{[]/ },
};

export const MEDIA_TYPES = Object.keys(TYPES);

/** @param given as a client names it, such as `audio/X-WAV; rate=44100`. Undefined for an unsupported type. */
export function mediaTypeOf(given: string): string | undefined {
  const name = given.split(';')[0]?.trim().toLowerCase() ?? '';
  return MEDIA_TYPES.find((type) => type === name || TYPES[type]?.aliases?.includes(name));
}

/** @param head the first HEAD_BYTES bytes. Undefined for bytes of no supported type. */
export function detectMediaType(head: Buffer): string | undefined {
  const text = head.subarray(0, HEAD_BYTES).toString('latin1');
  return MEDIA_TYPES.find((type) => TYPES[type]?.signature.test(text));
}

/** @param type one of MEDIA_TYPES */
export const extensionOf = (type: string): string => TYPES[type]?.extension ?? 'bin';

export const kindOf = (contentType: string): MediaKind => TYPES[contentType]?.kind ?? 'FILE';
