/** The input files of a generation. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import type { MediaKind } from '../../assets/media/media-types.js';
import { type OwnFile, requireOwnFile } from '../../assets/own-file.js';
import { badUserInput } from '../../graphql/errors.js';
import { type FileInputType, type InputValues, isFileType, type Workflow } from '../../workflows/workflow.js';

/** Storage keys by the name of the input. */
export type InputFiles = Record<string, string>;

type Expected = { kinds: readonly MediaKind[]; name: string };
const PICTURE: Expected = { kinds: ['IMAGE'], name: 'an image' };
const EXPECTED: Record<FileInputType, Expected> = {
  IMAGE: PICTURE,
  MASK: PICTURE,
  VIDEO: { kinds: ['VIDEO'], name: 'a video' },
  // ComfyUI takes the sound of a video, and browsers record sound alone as WebM.
  AUDIO: { kinds: ['AUDIO', 'VIDEO'], name: 'audio, or a video with sound' },
  FILE: { kinds: ['IMAGE', 'VIDEO', 'AUDIO', 'MODEL_3D', 'TEXT', 'LATENT', 'FILE'], name: 'a file' },
};

/** Returns the viewer's files that the inputs name, in the order of the inputs. @throws NOT_FOUND, FORBIDDEN, CONFLICT, BAD_USER_INPUT */
export async function findFiles(
  viewer: Viewer,
  { inputs }: Workflow,
  values: InputValues,
  services: { em: SqlEntityManager },
): Promise<Map<string, OwnFile>> {
  const found = new Map<string, OwnFile>();
  for (const { name, type } of inputs) {
    if (!isFileType(type) || values[name] == null) continue;
    const file = await requireOwnFile(services.em, viewer, String(values[name]));
    const expected = EXPECTED[type];
    if (!expected.kinds.includes(file.kind))
      throw badUserInput(`${name} must be ${expected.name}, not ${file.contentType}`, name);
    found.set(name, file);
  }
  return found;
}
