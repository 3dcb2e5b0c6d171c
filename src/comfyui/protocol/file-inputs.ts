/** Finds the inputs that name a file in ComfyUI's input, output or temp folder. */
import { isString, type JsonObject } from './json/json.js';
import type { FileKind } from './rules.js';

const KINDS: readonly [FileKind, RegExp][] = [
  ['image', /\.(png|jpe?g|webp|gif|bmp|tiff?|avif|heic)$/i],
  ['video', /\.(mp4|webm|mkv|mov|avi|m4v)$/i],
  ['audio', /\.(wav|mp3|flac|ogg|opus|m4a|aac)$/i],
  ['file', /\.(latent|glb|gltf|obj|fbx|stl|ply|splat|svg|json|txt|csv|pdf|zip)$/i],
];
/** Classes that list a folder without a flag; the list may be empty. Read from ComfyUI's nodes.py and comfy_extras. */
const UNFLAGGED = new Map<string, FileKind>([
  ['LoadImage.image', 'image'],
  ['LoadImageMask.image', 'image'],
  ['LoadImageOutput.image', 'image'],
  ['LoadLatent.latent', 'file'],
  ['LoadAudio.audio', 'audio'],
  ['LoadVideo.file', 'video'],
  ['Load3D.model_file', 'file'],
  ['Load3DAnimation.model_file', 'file'],
  ['Preview3D.model_file', 'file'],
]);
const SAMPLED_CHOICES = 50;

/**
 * The kind of file that an input names, or undefined.
 * @param path `class.input` @param choices the listed choices, if it is a choice
 */
export function fileKindOf(path: string, options: JsonObject, choices: unknown): FileKind | undefined {
  for (const kind of ['image', 'video', 'audio', 'file'] as const) if (options[`${kind}_upload`]) return kind;
  if (options.image_folder) return 'image';
  if (Object.entries(options).some(([option, value]) => option.endsWith('_upload') && Boolean(value))) return 'file';
  const listed = Array.isArray(choices) ? choices.slice(0, SAMPLED_CHOICES).filter(isString) : [];
  return knownFileKind(path) ?? KINDS.find(([, pattern]) => listed.some((choice) => pattern.test(choice)))?.[0];
}

/** The kind of file that an input of ComfyUI's core names; for a server whose catalogue is unknown. @param path `class.input` */
export const knownFileKind = (path: string): FileKind | undefined => UNFLAGGED.get(path);
