/** Files that carry JSON: 3D models, and latents. */
import { tensorsStart } from '../containers/models.js';
import type { FileBytes } from '../file-bytes.js';
import { type Piece, u32le } from './pieces.js';

const GLB_HEADER_BYTES = 12;
const [JSON_CHUNK, BIN_CHUNK] = ['JSON', 'BIN\0'];

/** Without `extras`, in which ComfyUI keeps the workflow, and other programs their own properties. */
export async function* stripGlb(file: FileBytes): AsyncGenerator<Piece> {
  const chunks: Piece[] = [];
  let size = GLB_HEADER_BYTES;
  for (let at = GLB_HEADER_BYTES; at + 8 <= file.size; ) {
    const head = await file.read(at, 8);
    const [type, end] = [head.toString('latin1', 4, 8), at + 8 + head.readUInt32LE(0)];
    if (end > file.size) throw new RangeError('a chunk is longer than the file');
    const json = type === JSON_CHUNK ? withoutExtras(await textOf(file, at + 8, end), 4) : undefined;
    if (json) chunks.push({ bytes: Buffer.concat([u32le(json.length), Buffer.from(type), json]) });
    if (type === BIN_CHUNK) chunks.push({ at, end });
    size += json ? 8 + json.length : type === BIN_CHUNK ? end - at : 0;
    at = end;
  }
  yield { at: 0, end: 8 };
  yield { bytes: u32le(size) };
  yield* chunks;
}

/** The offsets of tensors count from the end of the header. */
export async function* stripTensors(file: FileBytes): AsyncGenerator<Piece> {
  const end = await tensorsStart(file);
  const { __metadata__: _, ...tensors } = parsed(await textOf(file, 8, end));
  const header = padded(tensors, 8);
  yield { bytes: Buffer.concat([u32le(header.length), u32le(0), header]) };
  yield { at: end, end: file.size };
}

/** @param alignment of the length, by spaces at the end */
export const withoutExtras = (text: string, alignment: number): Buffer =>
  padded(
    JSON.parse(text, (key, value) => (key === 'extras' ? undefined : value)),
    alignment,
  );

export const textOf = async (file: FileBytes, from: number, to: number): Promise<string> =>
  (await file.read(from, to - from)).toString('utf8');

function padded(json: unknown, alignment: number): Buffer {
  const text = Buffer.from(JSON.stringify(json));
  return Buffer.concat([text, Buffer.alloc((alignment - (text.length % alignment)) % alignment, ' ')]);
}

/** @throws SyntaxError, RangeError */
function parsed(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new RangeError('no header');
  return { ...value };
}
