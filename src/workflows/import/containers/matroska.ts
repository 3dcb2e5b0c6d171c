/** WebM and Matroska: tags with a name and a text. */
import { type Bytes, type Entry, withoutTrailingNuls } from './bytes.js';

const Id = { segment: 0x18538067, tags: 0x1254c367, tag: 0x7373, simple: 0x67c8, name: 0x45a3, text: 0x4487 };
const PARENTS = new Set([Id.segment, Id.tags, Id.tag]);

export function* matroska(parent: Bytes): Iterable<Entry> {
  for (const { id, body } of elements(parent)) {
    if (PARENTS.has(id)) yield* matroska(body);
    if (id !== Id.simple) continue;
    const parts = new Map([...elements(body)].map((part) => [part.id, part.body]));
    const [name, text] = [parts.get(Id.name), parts.get(Id.text)];
    if (name && text) yield [name.text(0), () => withoutTrailingNuls(text.text(0))];
  }
}

function* elements(parent: Bytes): Iterable<{ id: number; body: Bytes }> {
  for (let at = 0; at < parent.length; ) {
    const idLength = Math.clz32(parent.u8(at)) - 23;
    const id = number(parent, at, idLength, 0xff);
    at += idLength;
    const sizeLength = Math.clz32(parent.u8(at)) - 23;
    // The first one bit says how long the number is.
    const size = number(parent, at, sizeLength, 0xff >> sizeLength);
    at += sizeLength;
    // A size of ones is unknown: a recorder did not go back to write it.
    const isUnknown = size === 2 ** (7 * sizeLength) - 1;
    // Of a cluster of unknown size the inner elements follow as if they were beside it.
    const end = isUnknown ? (id === Id.segment ? parent.length : at) : at + size;
    yield { id, body: parent.part(at, Math.min(end, parent.length)) };
    at = end;
  }
}

function number(bytes: Bytes, at: number, length: number, firstMask: number): number {
  if (length > 8) throw new RangeError('no number');
  let value = bytes.u8(at) & firstMask;
  for (let index = 1; index < length; index += 1) value = value * 256 + bytes.u8(at + index);
  return value;
}
