/** Finds the workflow in a file that ComfyUI saved, by the file's first bytes. */
import { isObject } from '../../../comfyui/protocol/json/json.js';
import { MAX_DOCUMENT_LENGTH, refused } from '../bounds.js';
import { parseDocument } from '../parse.js';
import { Bytes, type Reader } from './bytes.js';
import { exr } from './exr.js';
import { flac } from './flac.js';
import { id3 } from './id3.js';
import { jpeg } from './jpeg.js';
import { glb, safetensors, svg } from './json-headers.js';
import { matroska } from './matroska.js';
import { mp4 } from './mp4.js';
import { ogg } from './ogg.js';
import { png } from './png.js';
import { webp } from './webp.js';

type Format = { name: string; starts: (head: string) => boolean; read: Reader };

const FORMATS: Format[] = [
  { name: 'PNG', starts: (head) => head.startsWith('\x89PNG\r\n'), read: png },
  { name: 'WebP', starts: (head) => head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP', read: webp },
  { name: 'JPEG', starts: (head) => head.startsWith('\xff\xd8\xff'), read: jpeg },
  { name: 'MP4', starts: (head) => head.slice(4, 8) === 'ftyp', read: mp4 },
  { name: 'WebM', starts: (head) => head.startsWith('\x1a\x45\xdf\xa3'), read: matroska },
  { name: 'FLAC', starts: (head) => head.startsWith('fLaC'), read: flac },
  { name: 'Ogg', starts: (head) => head.startsWith('OggS'), read: ogg },
  { name: 'MP3', starts: (head) => head.startsWith('ID3'), read: id3 },
  { name: 'EXR', starts: (head) => head.startsWith('v/1\x01'), read: exr },
  { name: 'GLB', starts: (head) => head.startsWith('glTF'), read: glb },
  { name: 'safetensors', starts: (head) => head[8] === '{' && /[^ -~]/.test(head.slice(0, 8)), read: safetensors },
  { name: 'SVG', starts: (head) => /^(\xef\xbb\xbf)?\s*(<\?xml|<svg|<!)/.test(head), read: svg },
];

/**
 * The workflow and the prompt, parsed; undefined if the bytes are no such file.
 * @throws BAD_USER_INPUT if the file is one and carries neither
 */
export function embedded(data: Uint8Array): { workflow: unknown; prompt: unknown } | undefined {
  const file = new Bytes(data);
  const head = file.latin(0, Math.min(64, file.length));
  const format = FORMATS.find(({ starts }) => starts(head));
  if (!format) return undefined;
  const texts = textsOf(format.read, file);
  if (texts.size === 0)
    throw refused(
      `The ${format.name} file carries no workflow: editors and messengers remove it, and ComfyUI saves none with --disable-metadata`,
    );
  return { workflow: parsed(texts.get('workflow')), prompt: parsed(texts.get('prompt')) };
}

/** The first text of each of the two names. A file that is cut off gives what it has. */
function textsOf(read: Reader, file: Bytes): Map<string, string> {
  const found = new Map<string, string>();
  try {
    for (const [key, text] of read(file)) {
      for (const [name, value] of named(key.toLowerCase(), text, found)) if (!found.has(name)) found.set(name, value);
      if (found.size === 2) break;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

/** Reads no text that is not wanted. A video tool of custom packages writes both into one comment. */
function named(key: string, read: () => string, found: ReadonlyMap<string, string>): [name: string, text: string][] {
  if (isName(key)) return found.has(key) ? [] : [[key, read()]];
  const text = key === 'comment' ? read() : '';
  if (!text.startsWith('{') || text.length > MAX_DOCUMENT_LENGTH) return [];
  const both = parseDocument(text);
  return Object.entries(isObject(both) ? both : {})
    .filter(([name]) => isName(name))
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}

const isName = (key: string): boolean => key === 'workflow' || key === 'prompt';

/** Old files hold a JSON text inside a JSON text. @throws BAD_USER_INPUT */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const value = parseDocument(text);
  return typeof value === 'string' ? parseDocument(value) : value;
}
