/** Identifies a file of a node or a user by its bytes. It reads small pieces, except that images are decoded. */
import { extname } from 'node:path';
import { describeFlac } from './containers/flac.js';
import { gifParts } from './containers/gif.js';
import { describeMatroska } from './containers/matroska.js';
import { isBinaryStl, isWholeGlb, tensorsStart } from './containers/models.js';
import { describeMp3 } from './containers/mp3.js';
import { describeMp4 } from './containers/mp4.js';
import { describeOgg } from './containers/ogg.js';
import { pngChunks } from './containers/png.js';
import { describeWav } from './containers/riff.js';
import { FileBytes, type Local } from './file-bytes.js';
import { InvalidImageError, inspectImage } from './image.js';
import type { MediaInfo, Playback } from './media-info.js';
import { binaryTypeOf, type MediaType, textTypeOf, UNKNOWN } from './media-types.js';

/** Bytes that must be text in a text file. */
const HEAD_BYTES = 65_536;

const DESCRIBE: Record<string, (file: FileBytes) => Promise<Playback>> = {
  'video/mp4': describeMp4,
  'video/quicktime': describeMp4,
  'audio/mp4': describeMp4,
  'video/webm': describeMatroska,
  'video/x-matroska': describeMatroska,
  'audio/wav': describeWav,
  'audio/flac': describeFlac,
  'audio/ogg': describeOgg,
  'audio/mpeg': describeMp3,
};

/** Films without a picture. */
const SOUND_ONLY: Record<string, string> = { 'video/mp4': 'audio/mp4', 'video/webm': 'audio/webm' };

/**
 * A damaged file of sound, film or 3D is a FILE.
 * @param filename its extension tells the types of text apart, and nothing else
 * @throws InvalidImageError for bytes that begin as an image that browsers show, and are none
 */
export async function probeMedia(local: Local, filename = pathOf(local)): Promise<MediaInfo> {
  return await FileBytes.with(local, async (file) => {
    const head = await file.upTo(0, HEAD_BYTES);
    const type = binaryTypeOf(head);
    if (type?.kind === 'IMAGE') return await probeImage(local, file);
    try {
      if (type) return await describe(type, file);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return infoOf(UNKNOWN);
    }
    if (await isBinaryStl(file))
      return infoOf({ ...UNKNOWN, kind: 'MODEL_3D', contentType: 'model/stl', extension: 'stl' });
    return infoOf(textTypeOf(head, extname(filename).slice(1).toLowerCase()) ?? UNKNOWN);
  });
}

const pathOf = (local: Local): string => (typeof local === 'string' ? local : '');

/** sharp decodes the first frame. @throws InvalidImageError, also for an animation that is cut off later */
async function probeImage(local: Local, file: FileBytes): Promise<MediaInfo> {
  const image = await inspectImage(local);
  try {
    if (image.contentType === 'image/gif' && image.isAnimated) for await (const _ of gifParts(file));
    return image.contentType === 'image/png' ? { ...image, isAnimated: await isAnimatedPng(file) } : image;
  } catch (cause) {
    throw new InvalidImageError('Invalid or truncated animation', { cause });
  }
}

/** @throws RangeError for an animation that is cut off */
async function isAnimatedPng(file: FileBytes): Promise<boolean> {
  let isAnimated = false;
  for await (const { type } of pngChunks(file)) {
    if (type === 'acTL') isAnimated = true;
    if (type === 'IDAT' && !isAnimated) return false;
  }
  return isAnimated;
}

/** @throws RangeError if the file is damaged */
async function describe(type: MediaType, file: FileBytes): Promise<MediaInfo> {
  const { kind, contentType, extension } = type;
  if (extension === 'glb' && !(await isWholeGlb(file))) return infoOf(UNKNOWN);
  if (kind === 'LATENT') return infoOf({ ...type, extension: await tensorExtension(file) });
  const playback = await DESCRIBE[contentType]?.(file);
  if (!playback) return infoOf(type);
  const soundType = playback.width === null ? SOUND_ONLY[contentType] : undefined;
  return { ...infoOf(soundType ? { ...type, kind: 'AUDIO', contentType: soundType } : type), ...playback };
}

/** ComfyUI's own extension for what SaveLatent writes. */
async function tensorExtension(file: FileBytes): Promise<string> {
  const header = await file.upTo(8, Math.min(HEAD_BYTES, (await tensorsStart(file)) - 8));
  return header.includes('"latent_tensor"') ? 'latent' : 'safetensors';
}

const infoOf = ({ kind, contentType, extension }: MediaType): MediaInfo => ({
  kind,
  contentType,
  extension,
  width: null,
  height: null,
  isAnimated: false,
  duration: null,
  thumbHash: null,
});
