/** SaveVideo: MP4, MKV or WebM. A loaded video keeps its bytes. */
import { writeMkv, writeWebm } from '../../../files/matroska.js';
import { writeMp4 } from '../../../files/mp4.js';
import type { SimulatedNode } from '../../node.js';
import { requireType, Video } from '../../values.js';
import { saveFile } from './save-file.js';

export const saveVideo: SimulatedNode['run'] = async (inputs, run) => {
  const video = requireType(Video, inputs.video);
  const { extension, bytes } = await encoded(video, String(inputs.format));
  const file = { prefix: inputs.filename_prefix, extension, bytes, size: video.images.size };
  return { ui: { images: await saveFile(run, file), animated: [true] }, outputs: [video] };
};

async function encoded({ images: { frames }, fps, source }: Video, format: string) {
  if (source && (format === 'auto' || format === source.extension)) return source;
  if (format === 'webm') return { extension: 'webm', bytes: await writeWebm(frames, fps) };
  if (format === 'mkv') return { extension: 'mkv', bytes: writeMkv(frames, fps) };
  return { extension: 'mp4', bytes: writeMp4(frames, fps) };
}
