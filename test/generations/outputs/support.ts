/** Helpers for tests of outputs: graphs that save and show, and what the server keeps of them. */
import { createHash } from 'node:crypto';
import type { Graph } from '../../../src/comfyui/index.js';
import type { TestApp } from '../../support/app.js';
import type { Client, Variables } from '../../support/client.js';
import { becomes, create, dataOf, promptsOf } from '../support.js';

export type Kept = {
  id: string;
  url: string;
  kind?: string;
  contentType: string;
  byteSize: number;
  hash: string;
  output: string;
  filename: string;
  width: number | null;
  height: number | null;
  duration?: number | null;
  isAnimated?: boolean;
  posterUrl?: string | null;
  thumbnailUrl?: string;
};

export type KeptResult = {
  images: Kept[];
  files: Kept[];
  texts: { text: string; output: string }[];
  problems: string[];
  archiveUrl: string;
};

const COMMON = 'id url contentType byteSize hash output filename width height';
const RESULT = `query ($id: ID!) { generation(id: $id) { result {
  images { ${COMMON} isAnimated thumbnailUrl } files { ${COMMON} kind duration posterUrl }
  texts { text output } problems archiveUrl } } }`;

export const readResult = async (client: Client, id: string): Promise<KeptResult> =>
  (await dataOf(client.ask(RESULT, { id }))).generation.result;

const NO_FORM = { prompt: null, width: null, height: null, steps: null };

/** Runs a graph, or a saved workflow, to its end. */
export async function run(client: Client, input: Variables): Promise<KeptResult & { id: string }> {
  const { id } = await becomes(client, (await create(client, { ...NO_FORM, ...input })).id, 'COMPLETED');
  return { id, ...(await readResult(client, id)) };
}

const image = (color: number, batch_size: number) => ({
  class_type: 'EmptyImage',
  inputs: { width: 64, height: 64, batch_size, color },
});
/** Four frames of 64 × 64, in two colors. */
const IMAGES = {
  red: image(0xff0000, 2),
  blue: image(0x0000ff, 2),
  images: { class_type: 'ImageBatch', inputs: { image1: ['red', 0], image2: ['blue', 0] } },
};
const VIDEO = { ...IMAGES, video: { class_type: 'CreateVideo', inputs: { images: ['images', 0], fps: 8 } } };
const AUDIO = { audio: { class_type: 'EmptyAudio', inputs: { duration: 1, sample_rate: 44_100, channels: 2 } } };
const LATENT = { latent: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } } };
const TEXT = { text: { class_type: 'PrimitiveString', inputs: { value: 'héllo\nworld' } } };
const filename_prefix = 'made';

const saving = (made: object, class_type: string, inputs: object): Graph =>
  ({ ...made, save: { class_type, inputs } }) as Graph;

export const saveImages = (inputs: object = {}) =>
  saving(IMAGES, 'SaveImage', { images: ['images', 0], filename_prefix, ...inputs });
export const saveWebp = () =>
  saving(IMAGES, 'SaveAnimatedWEBP', {
    ...{ images: ['images', 0], filename_prefix, fps: 8, lossless: true, quality: 80, method: 'fastest' },
  });
export const savePng = () =>
  saving(IMAGES, 'SaveAnimatedPNG', { images: ['images', 0], filename_prefix, fps: 8, compress_level: 1 });
export const saveWebm = () =>
  saving(IMAGES, 'SaveWEBM', { images: ['images', 0], filename_prefix, codec: 'vp9', fps: 8, crf: 32 });
export const saveVideo = (format: string) =>
  saving(VIDEO, 'SaveVideo', { video: ['video', 0], filename_prefix, format, 'format.codec': 'auto' });
export const saveAudio = (class_type: string, inputs: object = {}) =>
  saving(AUDIO, class_type, { audio: ['audio', 0], filename_prefix, ...inputs });
export const saveLatent = () => saving(LATENT, 'SaveLatent', { samples: ['latent', 0], filename_prefix });
export const saveText = (format: string) => saving(TEXT, 'SaveText', { text: ['text', 0], filename_prefix, format });
export const showText = (value: unknown) =>
  saving({ text: { class_type: 'PrimitiveString', inputs: { value } } }, 'PreviewAny', { source: ['text', 0] });
export const showImages = () => saving(IMAGES, 'PreviewImage', { images: ['images', 0] });

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export async function bytesOf(app: TestApp, url: string): Promise<Buffer> {
  const response = await fetch(app.url + url);
  if (response.status !== 200) throw new Error(`${url} returned ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** The files that ComfyUI's history names, as `/view` returns them, in the order of the history. */
export async function viewed(app: TestApp, id: string): Promise<Buffer[]> {
  const [promptId = ''] = await promptsOf(app, id);
  const history = (await (await fetch(`${app.simulator.url}/history/${promptId}`)).json()) as Record<
    string,
    { outputs: object }
  >;
  const items: Record<string, string>[] = [];
  JSON.stringify(history[promptId]?.outputs, (_, value) => {
    if (typeof value?.filename === 'string') items.push(value);
    return value;
  });
  return await Promise.all(
    items.map(async (item) =>
      Buffer.from(await (await fetch(`${app.simulator.url}/view?${new URLSearchParams(item)}`)).arrayBuffer()),
    ),
  );
}
