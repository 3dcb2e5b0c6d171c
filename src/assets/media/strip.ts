/** Copies a file without what ComfyUI and cameras write into it: the workflow, the prompt, places, comments. */
import { writeNewFile } from '../../storage/local-files.js';
import { FileBytes } from './file-bytes.js';
import { binaryTypeOf, textTypeOf } from './media-types.js';
import { stripAvif } from './strip/avif.js';
import { stripExr } from './strip/exr.js';
import { stripFlac } from './strip/flac.js';
import { stripGif } from './strip/gif.js';
import { stripJpeg } from './strip/jpeg.js';
import { stripGlb, stripTensors } from './strip/json.js';
import { stripMatroska } from './strip/matroska.js';
import { stripMp3 } from './strip/mp3.js';
import { stripMp4 } from './strip/mp4.js';
import { stripOgg } from './strip/ogg.js';
import { bytesOf, type Stripper } from './strip/pieces.js';
import { stripPng } from './strip/png.js';
import { stripWav, stripWebp } from './strip/riff.js';
import { stripText } from './strip/text.js';

/** By the extension of the type. */
const STRIPPERS: Record<string, Stripper> = {
  png: stripPng,
  jpg: stripJpeg,
  webp: stripWebp,
  gif: stripGif,
  avif: stripAvif,
  exr: stripExr,
  mp4: stripMp4,
  mov: stripMp4,
  m4a: stripMp4,
  webm: stripMatroska,
  mkv: stripMatroska,
  wav: stripWav,
  flac: stripFlac,
  ogg: stripOgg,
  mp3: stripMp3,
  glb: stripGlb,
  safetensors: stripTensors,
};
/** The extensions of texts, and of what we tell apart from another type by its content. */
const OTHERS = new Set('txt json csv md gltf obj stl latent'.split(' '));
const HEAD_BYTES = 65_536;

/** Whether we can remove the metadata of files of a type, unless they are damaged or have a form that we do not know. */
export const canStrip = (extension: string): boolean => extension in STRIPPERS || OTHERS.has(extension);

/** We cannot remove the metadata of this file: its type is unknown, or it is damaged. */
export class UnstrippableError extends Error {
  override name = 'UnstrippableError';
}

/**
 * Streams a copy to `target`, a new file; the image, sound or film is not encoded again. The type is that of the bytes.
 * @throws UnstrippableError, and leaves no `target`
 */
export async function stripMetadata(path: string, target: string): Promise<void> {
  await FileBytes.with(path, async (file) => {
    const strip = stripperOf(await file.upTo(0, HEAD_BYTES));
    try {
      await writeNewFile(target, bytesOf(file, strip(file)));
    } catch (cause) {
      if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause;
      throw new UnstrippableError(
        'The metadata of this file cannot be removed: it is damaged, or has a form that we do not know',
        { cause },
      );
    }
  });
}

function stripperOf(head: Buffer): Stripper {
  const type = binaryTypeOf(head);
  const strip = type ? STRIPPERS[type.extension] : textTypeOf(head, '') && stripText;
  if (!strip) throw new UnstrippableError('The metadata of files of this type cannot be removed');
  return strip;
}
