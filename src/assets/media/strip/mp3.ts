/** MP3: keeps what lies between the tags. */
import { firstFrame } from '../containers/mp3.js';
import { tagsStart } from '../containers/tags.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

export async function* stripMp3(file: FileBytes): AsyncGenerator<Piece> {
  const frame = await firstFrame(file);
  if (!frame) throw new RangeError('no sound');
  yield { at: frame.at, end: await tagsStart(file, frame.at) };
}
