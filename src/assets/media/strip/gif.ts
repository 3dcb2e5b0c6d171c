/** GIF: keeps the images, their timing and the loop. */
import { gifParts } from '../containers/gif.js';
import type { FileBytes } from '../file-bytes.js';
import { latin, type Piece } from './pieces.js';

const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
const LOOPS = ['NETSCAPE2.0', 'ANIMEXTS1.0'];
/** The introducer and the name, then one block of three bytes and an empty one. */
const LOOP_BYTES = 14 + 5;

export async function* stripGif(file: FileBytes): AsyncGenerator<Piece> {
  let hasTrailer = false;
  for await (const { at, end, label } of gifParts(file)) {
    const isLoop = label === APPLICATION && LOOPS.includes(await file.latin(at + 3, 11)) && end === at + LOOP_BYTES;
    if (label === undefined || label === GRAPHIC_CONTROL || isLoop) yield { at, end };
    hasTrailer = end === at + 1;
  }
  if (!hasTrailer) yield latin(';');
}
