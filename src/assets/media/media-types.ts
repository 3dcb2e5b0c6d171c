/** The types of files that nodes and users give us, each with the first bytes that identify it. */

export type MediaKind = 'IMAGE' | 'VIDEO' | 'AUDIO' | 'MODEL_3D' | 'TEXT' | 'LATENT' | 'FILE';

export type MediaType = {
  contentType: string;
  kind: MediaKind;
  extension: string;
  /** Whether a file that begins with these bytes, given as Latin-1, has this type. */
  matches: (head: string) => boolean;
};

/** No signature of a binary type needs more. */
export const SIGNATURE_BYTES = 256;

export const BYTES = 'application/octet-stream';

type Test = MediaType['matches'];
type Row = [kind: MediaKind, contentType: string, extension: string, matches: Test];

const starts =
  (...texts: string[]): Test =>
  (head) =>
    texts.some((text) => head.startsWith(text));

const riff =
  (form: string): Test =>
  (head) =>
    head.startsWith('RIFF') && head.startsWith(form, 8);

/** The container of MP4, by the brands that it names: the first is the main one. */
const brand =
  (pattern: RegExp): Test =>
  (head) =>
    head.startsWith('ftyp', 4) && pattern.test(head.slice(8));

/** The container of Matroska, by its field DocType: its number, the length, the name. */
const ebml =
  (docType: RegExp): Test =>
  (head) =>
    head.startsWith('\x1aE\xdf\xa3') && docType.test(head);

const text =
  (pattern: RegExp): Test =>
  (head) =>
    pattern.test(head);

/** The first that fits decides. Images are the formats that browsers show. */
const BINARY_ROWS: readonly Row[] = [
  ['IMAGE', 'image/png', 'png', starts('\x89PNG\r\n\x1a\n')],
  ['IMAGE', 'image/jpeg', 'jpg', starts('\xff\xd8\xff')],
  ['IMAGE', 'image/webp', 'webp', riff('WEBP')],
  ['IMAGE', 'image/gif', 'gif', starts('GIF87a', 'GIF89a')],
  ['IMAGE', 'image/avif', 'avif', brand(/^(avi[fs]|(mif1|msf1).{4}(.{4})*?avi[fs])/s)],
  ['FILE', 'image/heic', 'heic', brand(/^(hei|hev|mif1|msf1)/)],
  ['FILE', 'image/tiff', 'tiff', starts('II*\0', 'MM\0*')],
  ['FILE', 'image/x-exr', 'exr', starts('v/1\x01')],
  ['FILE', 'image/vnd.radiance', 'hdr', starts('#?RADIANCE\n', '#?RGBE\n')],
  ['FILE', 'image/vnd.adobe.photoshop', 'psd', starts('8BPS\0')],
  ['FILE', 'image/bmp', 'bmp', (head) => head.startsWith('BM') && head.startsWith('\0\0\0\0', 6)],
  ['FILE', 'image/jxl', 'jxl', starts('\xff\x0a', '\0\0\0\x0cJXL ')],
  ['FILE', BYTES, 'zip', starts('PK\x03\x04')],
  ['FILE', BYTES, 'avi', riff('AVI ')],
  ['FILE', BYTES, 'npy', starts('\x93NUMPY')],
  ['AUDIO', 'audio/mp4', 'm4a', brand(/^M4[AB]/)],
  ['VIDEO', 'video/quicktime', 'mov', brand(/^qt/)],
  ['VIDEO', 'video/mp4', 'mp4', brand(/^(?!crx)/)],
  ['VIDEO', 'video/webm', 'webm', ebml(/B\x82.{1,8}?webm/s)],
  ['VIDEO', 'video/x-matroska', 'mkv', ebml(/B\x82.{1,8}?matroska/s)],
  ['AUDIO', 'audio/wav', 'wav', riff('WAVE')],
  ['AUDIO', 'audio/flac', 'flac', starts('fLaC')],
  ['AUDIO', 'audio/ogg', 'ogg', starts('OggS')],
  // A tag, or a frame of layer III.
  ['AUDIO', 'audio/mpeg', 'mp3', text(/^(ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/)],
  ['MODEL_3D', 'model/gltf-binary', 'glb', starts('glTF\x01\0\0\0', 'glTF\x02\0\0\0')],
  ['MODEL_3D', BYTES, 'ply', text(/^ply\r?\nformat /)],
  ['MODEL_3D', BYTES, 'fbx', starts('Kaydara FBX Binary')],
  // The length of the header, which is JSON.
  ['LATENT', BYTES, 'safetensors', (head) => head.startsWith('\0\0\0\0{', 4)],
];

/** The name of a text decides among these, if its beginning agrees. */
const TEXT_ROWS: readonly Row[] = [
  // A byte order mark may come first.
  ['TEXT', 'application/json', 'json', text(/^(\xef\xbb\xbf)?[ \t\r\n]*[{[]/)],
  ['TEXT', 'text/csv', 'csv', () => true],
  ['TEXT', 'text/markdown', 'md', () => true],
  ['MODEL_3D', 'model/gltf+json', 'gltf', text(/^\s*\{/)],
  ['MODEL_3D', 'model/obj', 'obj', text(/^v\s+-?[\d.]/m)],
  ['MODEL_3D', 'model/stl', 'stl', text(/^\s*solid\b/)],
];

const toType = ([kind, contentType, extension, matches]: Row): MediaType => ({ kind, contentType, extension, matches });
const BINARY_TYPES = BINARY_ROWS.map(toType);
const TEXT_TYPES = TEXT_ROWS.map(toType);

export const MEDIA_TYPES: readonly MediaType[] = [...BINARY_TYPES, ...TEXT_TYPES];

/** Also what a browser would execute, such as SVG and HTML. */
const PLAIN_TEXT = toType(['TEXT', 'text/plain', 'txt', () => true]);
export const UNKNOWN = toType(['FILE', BYTES, 'bin', () => true]);

export function binaryTypeOf(head: Buffer): MediaType | undefined {
  const start = head.toString('latin1', 0, SIGNATURE_BYTES);
  return BINARY_TYPES.find(({ matches }) => matches(start));
}

/** Undefined for a file that is no image: only a closer look tells its extension. */
export function imageExtensionOf(head: Buffer): string | undefined {
  const type = binaryTypeOf(head);
  return type?.kind === 'IMAGE' ? type.extension : undefined;
}

/** @param extension of the file's name, in lower case. Undefined if the bytes are no text. */
export function textTypeOf(head: Buffer, extension: string): MediaType | undefined {
  if (!isText(head)) return undefined;
  const start = head.toString('latin1');
  return TEXT_TYPES.find((type) => type.extension === extension && type.matches(start)) ?? PLAIN_TEXT;
}

/** UTF-8 without the control characters that no text has. The last character may be cut off. */
function isText(head: Buffer): boolean {
  if (head.length === 0 || head.some(isControl)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Tabs, line ends and the escapes of terminals occur in texts. */
const isControl = (byte: number): boolean => byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127;
