/** Files that carry JSON of their own, with the workflow inside: GLB, safetensors and latents, SVG. */
import { isObject, parseJson } from '../../../comfyui/protocol/json/json.js';
import { MAX_METADATA_BYTES } from '../bounds.js';
import type { Bytes, Entry } from './bytes.js';

export function* glb(file: Bytes): Iterable<Entry> {
  const json = parsed(file, 20, 20 + file.u32(12, true));
  const asset = isObject(json) ? json.asset : undefined;
  yield* entriesOf(isObject(asset) ? asset.extras : undefined);
}

export function* safetensors(file: Bytes): Iterable<Entry> {
  const json = parsed(file, 8, 8 + file.u64(0, true));
  yield* entriesOf(isObject(json) ? json.__metadata__ : undefined);
}

export function* svg(file: Bytes): Iterable<Entry> {
  const text = file.text(0, Math.min(file.length, MAX_METADATA_BYTES));
  const start = text.indexOf('<![CDATA[', text.indexOf('<metadata'));
  const end = text.indexOf(']]>', start);
  if (start >= 0 && end >= 0) yield* entriesOf(parseJson(text.slice(start + '<![CDATA['.length, end)));
}

function parsed(file: Bytes, start: number, end: number): unknown {
  if (end - start > MAX_METADATA_BYTES) return undefined;
  return parseJson(file.text(start, end));
}

/** Values are JSON texts, or JSON itself. */
function* entriesOf(found: unknown): Iterable<Entry> {
  for (const [key, value] of Object.entries(isObject(found) ? found : {}))
    yield [key, () => (typeof value === 'string' ? value : JSON.stringify(value))];
}
