/** WebP and WAV: keep the chunks of the image or the sound. */
import { type Chunk, riffChunks } from '../containers/riff.js';
import type { FileBytes } from '../file-bytes.js';
import { orientationOnly } from './exif.js';
import { type Piece, u32le } from './pieces.js';

const OF_WEBP = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const OF_WAV = new Set(['fmt ', 'fact', 'data']);
const [HAS_EXIF, HAS_XMP] = [0x08, 0x04];
const MAX_CHUNKS = 100_000;

export async function* stripWav(file: FileBytes): AsyncGenerator<Piece> {
  yield* riff('WAVE', (await keptOf(file, OF_WAV)).map(copied));
}

export async function* stripWebp(file: FileBytes): AsyncGenerator<Piece> {
  const exif = await exifOf(file);
  const chunks: NewChunk[] = [];
  for (const chunk of await keptOf(file, OF_WEBP))
    chunks.push(chunk.type === 'VP8X' ? await withFlags(file, chunk, exif !== undefined) : copied(chunk));
  if (exif) chunks.push({ type: 'EXIF', size: exif.length, content: { bytes: exif } });
  yield* riff('WEBP', chunks);
}

type NewChunk = { type: string; size: number; content: Piece };

const copied = ({ type, body, end }: Chunk): NewChunk => ({ type, size: end - body, content: { at: body, end } });

/** Chunks begin at even places. */
const padding = (size: number): number => size % 2;

function* riff(form: string, chunks: NewChunk[]): Iterable<Piece> {
  const size = chunks.reduce((sum, chunk) => sum + 8 + chunk.size + padding(chunk.size), 4);
  yield { bytes: Buffer.concat([Buffer.from('RIFF'), u32le(size), Buffer.from(form)]) };
  for (const { type, size, content } of chunks) {
    yield { bytes: Buffer.concat([Buffer.from(type), u32le(size)]) };
    yield content;
    yield { zeros: padding(size) };
  }
}

async function keptOf(file: FileBytes, types: ReadonlySet<string>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of riffChunks(file)) if (types.has(chunk.type)) chunks.push(chunk);
  if (chunks.length > MAX_CHUNKS) throw new RangeError('too many chunks');
  return chunks;
}

/** A WebP without VP8X has no EXIF either. */
async function exifOf(file: FileBytes): Promise<Buffer | undefined> {
  let [isExtended, exif]: [boolean, Buffer | undefined] = [false, undefined];
  for await (const { type, body, end } of riffChunks(file)) {
    if (type === 'VP8X') isExtended = true;
    if (type === 'EXIF') exif ??= orientationOnly(await file.read(body, end - body));
  }
  return isExtended ? exif : undefined;
}

async function withFlags(file: FileBytes, { type, body, end }: Chunk, hasExif: boolean): Promise<NewChunk> {
  const bytes = Buffer.from(await file.read(body, end - body));
  const flags = bytes.readUInt8(0) & ~(HAS_EXIF | HAS_XMP);
  bytes.writeUInt8(hasExif ? flags | HAS_EXIF : flags, 0);
  return { type, size: bytes.length, content: { bytes } };
}
