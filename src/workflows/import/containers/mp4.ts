/** MP4 and QuickTime: named values in the box `meta`. */
import type { Bytes, Entry } from './bytes.js';

type Box = { type: string; body: Bytes };

export function* mp4(file: Bytes): Iterable<Entry> {
  for (const { type, body } of boxes(file)) if (type === 'moov') yield* inside(body);
}

/** `meta` stands in `moov` or in its `udta`. */
function* inside(parent: Bytes): Iterable<Entry> {
  for (const { type, body } of boxes(parent)) {
    if (type === 'udta') yield* inside(body);
    if (type === 'meta') yield* metaOf(body);
  }
}

function* metaOf(body: Bytes): Iterable<Entry> {
  // Of the two standards only one has a version at the start.
  const start = body.length >= 8 && body.latin(4, 8) === 'hdlr' ? 0 : 4;
  const parts = [...boxes(body.part(start, body.length))];
  const keys = parts.filter(({ type }) => type === 'keys').flatMap((box) => [...keysOf(box.body)]);
  for (const list of parts.filter(({ type }) => type === 'ilst')) {
    for (const item of boxes(list.body)) {
      const index = [...item.type].reduce((sum, char) => sum * 256 + char.charCodeAt(0), 0);
      const key = item.type === '\xa9cmt' ? 'comment' : keys[index - 1];
      if (key === undefined) continue;
      for (const { type, body: value } of boxes(item.body)) if (type === 'data') yield [key, () => value.text(8)];
    }
  }
}

function* keysOf(body: Bytes): Iterable<string> {
  for (let at = 8; at + 8 <= body.length; ) {
    const size = Math.max(8, body.u32(at));
    yield body.part(at + 8, at + size).text(0);
    at += size;
  }
}

function* boxes(parent: Bytes): Iterable<Box> {
  for (let at = 0; at + 8 <= parent.length; ) {
    const short = parent.u32(at);
    // 0: to the end of the file. 1: a longer number follows.
    const size = short === 0 ? parent.length - at : short === 1 ? parent.u64(at + 8) : short;
    const header = short === 1 ? 16 : 8;
    yield { type: parent.latin(at + 4, at + 8), body: parent.part(at + header, at + size) };
    at += size;
  }
}
