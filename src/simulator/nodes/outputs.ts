/** Output nodes: files, previews, texts. */
import type { FileItem } from '../../comfyui/protocol/protocol.js';
import { isObject, writeAsciiJson } from '../python/json.js';
import { PythonError, text, typeName } from '../python/python.js';
import type { NodeInputs, NodeRun, SimulatedNode } from './node.js';
import { writePng } from './png.js';
import { Images, requireType } from './values.js';

const LETTERS = 'abcdefghijklmnopqrstupvxyz';

const LETTER_COUNT = 5;

const hidden = { prompt: 'PROMPT', extra_pnginfo: 'EXTRA_PNGINFO' };

const images: NodeInputs = { required: { images: ['IMAGE'] }, hidden };

export const outputs: Record<string, SimulatedNode> = {
  SaveImage: {
    input: {
      required: {
        images: ['IMAGE', { tooltip: 'The images to save.' }],
        filename_prefix: [
          'STRING',
          {
            default: 'ComfyUI',
            tooltip:
              'The prefix for the file to save. This may include formatting information such as %date:yyyy-MM-dd% or %Empty Latent Image.width% to include values from nodes.',
          },
        ],
      },
      hidden,
    },
    output: [],
    passthrough: { type: 'IMAGE', name: 'images' },
    isOutput: true,
    displayName: 'Save Image',
    description: 'Saves the input images to your ComfyUI output directory.',
    category: 'image',
    method: 'save_images',
    run: async (inputs, run) => ({
      ui: { images: await save(requireType(Images, inputs.images), 'output', String(inputs.filename_prefix), run) },
      outputs: [inputs.images],
    }),
  },

  PreviewImage: {
    input: images,
    output: [],
    passthrough: { type: 'IMAGE', name: 'images' },
    isOutput: true,
    displayName: 'Preview Image',
    description: 'Saves the input images to your ComfyUI output directory.',
    category: 'image',
    method: 'save_images',
    run: async (inputs, run) => {
      const items = await save(requireType(Images, inputs.images), 'temp', temporaryPrefix(run), run);
      return { ui: { images: items }, outputs: [inputs.images] };
    },
  },

  SaveImageWebsocket: {
    input: { required: { images: ['IMAGE'] } },
    output: [],
    isOutput: true,
    category: 'api/image',
    module: 'custom_nodes.websocket_image_save',
    method: 'save_images',
    cacheKey: () => performance.now(),
    run: async (inputs, run) => {
      const { frames } = requireType(Images, inputs.images);
      for (const [index, frame] of frames.entries()) await run.progress(index, frames.length, { png: frame });
      return {};
    },
  },

  PreviewAny: {
    input: { required: { source: ['*', {}] } },
    output: [],
    passthrough: { type: 'STRING', name: 'STRING' },
    isOutput: true,
    displayName: ({ version }) => (version === '0.3.64' ? 'Preview Any' : 'Preview as Text'),
    category: 'utils',
    module: 'comfy_extras.nodes_preview_any',
    method: 'main',
    run: ({ source }) => {
      const preview = source === null ? 'None' : text(source);
      return { ui: { text: [preview] }, outputs: [preview] };
    },
  },
};

/** ComfyUI draws the letters once for each node instance. */
export function temporaryPrefix({ memory }: NodeRun): string {
  const letters = String(memory.get('letters') ?? draw());
  memory.set('letters', letters);
  return `ComfyUI_temp_${letters}`;
}

function draw(): string {
  return Array.from({ length: LETTER_COUNT }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');
}

export async function save(
  pictures: Images,
  type: 'output' | 'temp',
  prefix: string,
  { graph, extraData, files }: NodeRun,
): Promise<FileItem[]> {
  const texts = { prompt: writeAsciiJson(graph), ...pngInfo(extraData.extra_pnginfo) };
  const pngs: Buffer[] = [];
  for (const picture of pictures.frames) pngs.push(await writePng(picture, texts));
  return await files.save({ type, prefix, size: pictures.size, extension: 'png', files: pngs });
}

/** The client's extra metadata: each key becomes a text chunk. */
function pngInfo(info: unknown): Record<string, string> {
  if (info === undefined || info === null) return {};
  if (!isObject(info)) throw new PythonError('TypeError', `'${typeName(info)}' object is not iterable`);
  return Object.fromEntries(Object.entries(info).map(([key, value]) => [key, writeAsciiJson(value)]));
}
