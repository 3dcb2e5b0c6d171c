/** WebM and Matroska: elements of metadata become void elements of the same length, so that no offset changes. */
import { type Element, elements, Id } from '../containers/matroska.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

const VOID = 0xec;
const TRACK_ENTRY = 0xae;
const PARENTS = new Set<number>([Id.segment, Id.info, Id.tracks, TRACK_ENTRY]);
const Dropped = {
  void: VOID,
  tags: 0x1254c367,
  attachments: 0x1941a469,
  chapters: 0x1043a770,
  title: 0x7ba9,
  segmentFile: 0x7384,
  previousFile: 0x3c83ab,
  nextFile: 0x3e83bb,
  trackName: 0x536e,
  // Of a parent that has changed.
  checksum: 0xbf,
};
const DROPPED = new Set(Object.values(Dropped));

export async function* stripMatroska(file: FileBytes): AsyncGenerator<Piece> {
  yield* strip(file, 0, file.size);
}

async function* strip(file: FileBytes, from: number, to: number): AsyncGenerator<Piece> {
  for await (const element of elements(file, from, to)) {
    const { id, at, body, end, isEndless } = element;
    if (DROPPED.has(id)) yield* empty(element);
    else if (PARENTS.has(id)) {
      yield { at, end: body };
      yield* strip(file, body, end);
    } else yield { at, end: isEndless ? body : end };
  }
}

/** @throws RangeError for an element of unknown length */
function* empty({ at, end, isEndless }: Element): Iterable<Piece> {
  if (isEndless) throw new RangeError('metadata of unknown length');
  const length = end - at;
  const sizeBytes = length > 9 ? 8 : 1;
  const head = Buffer.alloc(1 + sizeBytes);
  head.writeUInt8(VOID, 0);
  // The first one bit says how long the number is.
  if (sizeBytes === 1) head.writeUInt8(0x80 | (length - head.length), 1);
  else head.writeBigUInt64BE((1n << 56n) | BigInt(length - head.length), 1);
  yield { bytes: head };
  yield { zeros: length - head.length };
}
