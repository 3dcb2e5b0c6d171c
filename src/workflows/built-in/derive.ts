/** Derives from a family that makes pictures from a prompt the families that start from a source picture. */
import type { Graph, GraphNode, Link } from '../../comfyui/index.js';
import type { Family } from './family.js';

/** Without the size of a new picture; the source has one. */
const isFree = (name: string): boolean => name !== 'width' && name !== 'height';

const without = (defaults: Family['defaults'], ...names: string[]): Family['defaults'] =>
  Object.fromEntries(Object.entries(defaults).filter(([name]) => !names.includes(name)));

export function derive(family: Family): Family[] {
  const { derives, vae, name, title, inputs, defaults } = family;
  if (!derives || !vae) return [];
  const { derives: _, ...common } = family;
  const makes = (what: string) => `${what}, with ${title}.`;
  const imageToImage: Family = {
    ...common,
    name: `${name}-image-to-image`,
    title: `${title}, image to image`,
    description: makes('Makes a picture from a source picture and a prompt'),
    replaces: 'image-to-image',
    inputs: ['source', 'denoise', ...inputs.filter((each) => isFree(each) && each !== 'batchSize'), ...SOURCE_SIZE],
    defaults: without(defaults, 'width', 'height'),
    graph: startFrom(family.graph, {
      source: LOAD,
      scale: node('ImageScale', 'Scale the source', {
        image: ['source', 0],
        upscale_method: 'lanczos',
        width: '$width',
        height: '$height',
        crop: 'center',
      }),
      repeat: node('RepeatImageBatch', 'Repeat for the batch', { image: ['scale', 0], amount: '$batchSize' }),
      latent: node('VAEEncode', 'Encode the source', { pixels: ['repeat', 0], vae }),
    }),
  };
  const inpaint: Family = {
    ...common,
    name: `${name}-inpaint`,
    title: `${title}, inpaint`,
    description: makes('Repaints the transparent parts of a source picture'),
    replaces: 'inpaint',
    inputs: ['source', 'denoise', ...inputs.filter((each) => isFree(each) && each !== 'batchSize')],
    defaults: { ...without(defaults, 'width', 'height'), denoise: 1 },
    graph: startFrom(family.graph, {
      source: LOAD,
      encode: node('VAEEncode', 'Encode the source', { pixels: ['source', 0], vae }),
      latent: node('SetLatentNoiseMask', 'Repaint the transparent parts only', {
        samples: ['encode', 0],
        mask: ['source', 1],
      }),
    }),
  };
  return [imageToImage, inpaint];
}

const SOURCE_SIZE = ['sourceWidth', 'sourceHeight', 'batchSize'];

const node = (class_type: string, title: string, inputs: Record<string, string | Link>): GraphNode => ({
  class_type,
  inputs,
  _meta: { title },
});

const LOAD = node('LoadImage', 'Load the source', { image: '$source' });

/** Replaces the empty latent. */
const startFrom = (graph: Graph, start: Graph): Graph => ({ ...graph, ...start });
