/** Texts: what SVG and glTF carry beside the picture is removed; other texts are copied. */
import type { FileBytes } from '../file-bytes.js';
import { textOf, withoutExtras } from './json.js';
import type { Piece } from './pieces.js';

const HEAD_BYTES = 1024;

export async function* stripText(file: FileBytes): AsyncGenerator<Piece> {
  const head = (await file.upTo(0, HEAD_BYTES))
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (head.startsWith('<')) yield { bytes: Buffer.from(withoutMetadata(await textOf(file, 0, file.size))) };
  else if (head.startsWith('{')) yield* stripJson(file);
  else yield { at: 0, end: file.size };
}

/** @throws RangeError for metadata that remains, such as elements in elements */
function withoutMetadata(xml: string): string {
  const rest = without(without(xml, '<!--', '-->'), '<metadata', '</metadata>');
  if (/<([\w-]+:)?metadata\b/i.test(rest)) throw new RangeError('metadata of another form');
  return rest;
}

/** Takes time by the length of the text. @throws RangeError for a part without an end */
function without(text: string, open: string, close: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = text.indexOf(open); at >= 0; at = text.indexOf(open, from)) {
    kept.push(text.slice(from, at));
    const end = text.indexOf(close, at);
    if (end < 0) throw new RangeError('metadata without an end');
    from = end + close.length;
  }
  return kept.join('') + text.slice(from);
}

/** A JSON text is what the user made; only a 3D model has metadata. */
async function* stripJson(file: FileBytes): AsyncGenerator<Piece> {
  const text = await textOf(file, 0, file.size);
  if (isModel(text)) yield { bytes: withoutExtras(text.replace(/^\ufeff/, ''), 1) };
  else yield { at: 0, end: file.size };
}

function isModel(text: string): boolean {
  try {
    return typeof JSON.parse(text.replace(/^\ufeff/, ''))?.asset?.version === 'string';
  } catch {
    return false;
  }
}
