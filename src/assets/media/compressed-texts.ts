/** Finds PNGs of some kilobytes for which the decoder would hold gigabytes. */
import { PNG_SIGNATURE_BYTES, pngChunks } from './containers/png.js';
import { FileBytes, type Local } from './file-bytes.js';

const SIGNATURE = '\x89PNG\r\n\x1a\n';
/** libpng unpacks each to at most 8 MB, and up to a thousand of them, whether anything reads them or not. */
const MAX_COMPRESSED = 16;
/** Encoders write pixels in chunks of 8 KB and more. */
const MAX_CHUNKS = 100_000;
/** The longest name of a text, with the byte that ends it and the flag that follows. */
const NAME_BYTES = 81;

export const hasTooManyCompressedTexts = (image: Local): Promise<boolean> => FileBytes.with(image, isBeyond);

async function isBeyond(file: FileBytes): Promise<boolean> {
  if (file.size < PNG_SIGNATURE_BYTES) return false;
  const signature = await file.read(0, PNG_SIGNATURE_BYTES);
  if (signature.toString('latin1') !== SIGNATURE) return false;
  let [compressed, chunks] = [0, 0];
  try {
    for await (const { type, body, end } of pngChunks(file)) {
      chunks += 1;
      const isCompressed =
        type === 'zTXt' || type === 'iCCP' || (type === 'iTXt' && (await isFlagged(file, body, end)));
      if (isCompressed) compressed += 1;
      if (compressed > MAX_COMPRESSED || chunks > MAX_CHUNKS) return true;
    }
  } catch (error) {
    // The decoder refuses a file that is cut off.
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

/** The flag after the name of an iTXt says that its text is compressed. */
async function isFlagged(file: FileBytes, body: number, end: number): Promise<boolean> {
  const head = await file.read(body, Math.min(NAME_BYTES, end - 4 - body));
  return head[head.indexOf(0) + 1] === 1;
}
