/** Sounds and videos: loading, decoding, taking apart. */
import { extname } from 'node:path';
import { solid } from '../../pictures/bitmap.js';
import type { NodeRun, SimulatedNode } from '../node.js';
import { Handle, Images, Latent, requireType, Sound, Video } from '../values.js';
import { soundOf } from './make.js';

const FPS = 24;

const decodeAudio: SimulatedNode['run'] = async ({ samples }) => {
  const latent = requireType(Latent, samples);
  const [frame] = latent.frames;
  // The tone follows the picture that was painted for the prompt.
  const colors = (await frame?.())?.data.subarray(0, 99) ?? [];
  return { outputs: [soundOf(latent.parts.seconds ?? 1, String(colors))] };
};

export const media: Record<string, SimulatedNode['run']> = {
  VAEDecodeAudio: decodeAudio,
  LTXVAudioVAEDecode: decodeAudio,

  LoadAudio: async ({ audio }, { files }: NodeRun) => {
    const bytes = await files.read(String(audio));
    return { outputs: [soundOf(secondsOf(bytes), String(audio))] };
  },

  TrimAudioDuration: ({ audio, duration }) => {
    const { seconds, hertz } = requireType(Sound, audio);
    return { outputs: [new Sound(Math.min(seconds, Number(duration)), hertz)] };
  },

  LoadVideo: async ({ file }, { files }: NodeRun) => {
    const source = { bytes: await files.read(String(file)), extension: extname(String(file)).slice(1) };
    // It is not decoded: a part of it is a grey picture.
    return { outputs: [new Video(new Images([solid(64, 64, 0x808080)]), FPS, undefined, source)] };
  },

  GetVideoComponents: ({ video }) => {
    const { images, fps, sound } = requireType(Video, video);
    return { outputs: [images, sound ?? soundOf(images.frames.length / fps, ''), fps, 8, 'auto'] };
  },

  /** The mesh of every voxel grid is the same. */
  VoxelToMesh: () => ({ outputs: [new Handle('MESH', 'octahedron')] }),
};

/** The duration of a WAV; 1 for other files, which are not decoded. */
function secondsOf(bytes: Buffer): number {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.length < 44) return 1;
  return (bytes.length - 44) / Math.max(1, bytes.readUInt32LE(28));
}
