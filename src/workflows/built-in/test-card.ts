/** Makes a test card with core nodes only, so that it works on a ComfyUI without models. */
import type { Graph, Link } from '../../comfyui/protocol/protocol.js';
import type { Workflow } from '../workflow.js';
import * as inputs from './common-inputs.js';
import { SAVED } from './sampling.js';

/** The bars of a television test card, left to right, as 0xRRGGBB. */
const BARS = [0xeeeeee, 0xe8d44d, 0x46c8d2, 0x4fbf5f, 0xc159c9, 0xd8504d, 0x3f59c4] as const;
const BACKGROUND = 0x1c1f26;
const GRAIN = 0.06;

export const testCard: Workflow = {
  id: '3f0c2a3e-6a53-5c0e-9d1c-7a1d3f5b0a03',
  name: 'test-card',
  title: 'Test card',
  version: 1,
  description: 'Makes a test card with core nodes only, without a model: shows that ComfyUI works.',
  inputs: [inputs.seed, inputs.width, inputs.height],
  outputs: [SAVED],
  build: ({ seed, width, height }, filenamePrefix) => card(Number(width), Number(height), seed, filenamePrefix),
};

function card(width: number, height: number, seed: unknown, filenamePrefix: string): Graph {
  const graph: Graph = { card: plain(width, height, BACKGROUND, 'Background') };
  const barWidth = Math.floor(width / BARS.length);
  const barHeight = Math.floor(height * 0.75);
  let previous: Link = ['card', 0];
  BARS.forEach((color, index) => {
    graph[`bar${index}`] = plain(barWidth, barHeight, color, `Bar ${index + 1}`);
    graph[`paste${index}`] = {
      class_type: 'ImageCompositeMasked',
      inputs: { destination: previous, source: [`bar${index}`, 0], x: index * barWidth, y: 0, resize_source: false },
      _meta: { title: `Paste bar ${index + 1}` },
    };
    previous = [`paste${index}`, 0];
  });
  graph.grain = {
    class_type: 'ImageAddNoise',
    inputs: { image: previous, seed, strength: GRAIN },
    _meta: { title: 'Add grain' },
  };
  graph.save = {
    class_type: 'SaveImage',
    inputs: { images: ['grain', 0], filename_prefix: filenamePrefix },
    _meta: { title: 'Save' },
  };
  return graph;
}

const plain = (width: number, height: number, color: number, title: string) => ({
  class_type: 'EmptyImage',
  inputs: { width, height, batch_size: 1, color },
  _meta: { title },
});
