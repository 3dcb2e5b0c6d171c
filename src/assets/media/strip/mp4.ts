/** MP4, M4A and QuickTime: boxes of metadata become free space of the same length, so that no offset changes. */
import { type Box, boxes } from '../containers/mp4.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

/** The boxes that a film needs, by the box that contains them. We copy the content of other boxes as it is. */
const KEPT: Record<string, ReadonlySet<string>> = {
  file: new Set('ftyp moov moof mdat mfra sidx ssix styp prft pdin wide'.split(' ')),
  moov: new Set('mvhd iods trak mvex pssh'.split(' ')),
  trak: new Set('tkhd tapt edts tref trgr mdia'.split(' ')),
  mdia: new Set('mdhd hdlr elng minf'.split(' ')),
  minf: new Set('vmhd smhd hmhd sthd nmhd gmhd hdlr dinf stbl'.split(' ')),
  moof: new Set('mfhd traf pssh'.split(' ')),
  traf: new Set('tfhd tfdt trun sbgp sgpd subs saiz saio senc'.split(' ')),
};
/** Other tracks have samples that cameras record beside the film, such as places. */
const TRACKS = new Set('vide soun auxv pict text sbtl subt clcp tmcd'.split(' '));
const HANDLER_TYPE = 8;

export async function* stripMp4(file: FileBytes): AsyncGenerator<Piece> {
  yield* strip(file, { type: 'file', at: 0, body: 0, end: file.size });
}

/** @throws RangeError for a track of metadata */
async function* strip(file: FileBytes, parent: Box): AsyncGenerator<Piece> {
  let at = parent.body;
  for await (const box of boxes(file, parent.body, parent.end)) {
    if (!KEPT[parent.type]?.has(box.type)) yield* free(box);
    else if (box.type in KEPT) {
      yield { at: box.at, end: box.body };
      yield* strip(file, box);
    } else yield { at: box.at, end: box.end };
    if (parent.type === 'mdia' && box.type === 'hdlr' && !TRACKS.has(await file.latin(box.body + HANDLER_TYPE, 4)))
      throw new RangeError('a track of metadata');
    at = box.end;
  }
  // Fewer bytes than a box has, such as the zeros that end a list in QuickTime.
  yield { zeros: parent.end - at };
}

function* free({ at, body, end }: Box): Iterable<Piece> {
  yield { at, end: at + 4 };
  yield { bytes: Buffer.from('free') };
  // A long length stands between the type and the content.
  yield { at: at + 8, end: body };
  yield { zeros: end - body };
}
