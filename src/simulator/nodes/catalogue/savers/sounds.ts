/** Classes that save sounds. */
import { writeFlac, writeMp3, writeOpus } from '../../../files/sounds.js';
import type { NodeResult, NodeRun, SimulatedNode } from '../../node.js';
import { temporaryPrefix } from '../../outputs.js';
import { requireType, Sound } from '../../values.js';
import { saveFile } from './save-file.js';

const writers: Record<string, (sound: Sound) => Buffer> = {
  flac: ({ seconds, hertz }) => writeFlac(seconds, hertz),
  mp3: ({ seconds }) => writeMp3(seconds),
  opus: ({ seconds }) => writeOpus(seconds),
};

async function saveSound(audio: unknown, prefix: unknown, extension: string, run: NodeRun): Promise<NodeResult> {
  const bytes = (writers[extension] ?? writers.flac)?.(requireType(Sound, audio)) ?? Buffer.alloc(0);
  return { ui: { audio: await saveFile(run, { prefix, extension, bytes, isBare: true }) }, outputs: [audio] };
}

export const sounds: Record<string, SimulatedNode['run']> = {
  SaveAudio: ({ audio, filename_prefix }, run) => saveSound(audio, filename_prefix, 'flac', run),
  SaveAudioMP3: ({ audio, filename_prefix }, run) => saveSound(audio, filename_prefix, 'mp3', run),
  SaveAudioOpus: ({ audio, filename_prefix }, run) => saveSound(audio, filename_prefix, 'opus', run),
  SaveAudioAdvanced: ({ audio, filename_prefix, format }, run) =>
    saveSound(audio, filename_prefix, String(format), run),

  PreviewAudio: async ({ audio }, run) => {
    const { seconds, hertz } = requireType(Sound, audio);
    const file = { prefix: temporaryPrefix(run), extension: 'flac', bytes: writeFlac(seconds, hertz), isBare: true };
    return { ui: { audio: await saveFile(run, { ...file, type: 'temp' }) }, outputs: [audio] };
  },
};
