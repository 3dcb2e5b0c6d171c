/** FLAC: blocks of metadata become padding of the same length. */
import { flacBlocks } from '../containers/flac.js';
import { tagsStart } from '../containers/tags.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

const [STREAM_INFO, PADDING, SEEK_TABLE] = [0, 1, 3];
const IS_LAST = 0x80;

export async function* stripFlac(file: FileBytes): AsyncGenerator<Piece> {
  yield { at: 0, end: 4 };
  let sound = 0;
  for await (const { kind, isLast, at, body, end } of flacBlocks(file)) {
    sound = end;
    if (kind === STREAM_INFO || kind === SEEK_TABLE) yield { at, end };
    else {
      yield { bytes: Buffer.from([isLast ? PADDING | IS_LAST : PADDING]) };
      yield { at: at + 1, end: body };
      yield { zeros: end - body };
    }
  }
  yield { at: sound, end: await tagsStart(file, sound) };
}
