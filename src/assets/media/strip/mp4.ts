/** MP4, M4A and QuickTime: boxes of metadata become free space of the same length, so that no offset changes. */
import { boxes } from '../containers/mp4.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

const PARENTS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex', 'moof', 'traf']);
const DROPPED = new Set(['udta', 'meta', 'uuid', 'free', 'skip', 'ID32']);
/** Tracks of samples that cameras record beside the film, such as places. */
const METADATA_TRACK = 'meta';

export async function* stripMp4(file: FileBytes): AsyncGenerator<Piece> {
  yield* strip(file, 0, file.size);
}

async function* strip(file: FileBytes, from: number, to: number): AsyncGenerator<Piece> {
  let at = from;
  for await (const box of boxes(file, from, to)) {
    if (box.type === 'hdlr' && (await file.latin(box.body + 8, 4)) === METADATA_TRACK)
      throw new RangeError('a track of metadata');
    if (DROPPED.has(box.type)) {
      yield { at: box.at, end: box.at + 4 };
      yield { bytes: Buffer.from('free') };
      // A long length stands between the type and the content.
      yield { at: box.at + 8, end: box.body };
      yield { zeros: box.end - box.body };
    } else if (PARENTS.has(box.type)) {
      yield { at: box.at, end: box.body };
      yield* strip(file, box.body, box.end);
    } else yield { at: box.at, end: box.end };
    at = box.end;
  }
  // Fewer bytes than a box has, such as the zeros that end a list in QuickTime.
  yield { zeros: to - at };
}
