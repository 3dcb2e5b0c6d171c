/** ResizeImageMaskNode: scales pictures and masks in one of nine ways. */
import { resized } from '../../pictures/bitmap.js';
import type { NodeResult } from '../node.js';
import { Images, Masks, requireType } from '../values.js';
import type { Inputs } from './make.js';
import { ofPixels, type Size, stretch, times } from './pictures.js';

type Option = (name: string) => number;

const sizes: Record<string, (size: Size, option: Option, inputs: Inputs) => Size> = {
  'scale dimensions': (size, option) => sides(size, option('width'), option('height')),
  'scale by multiplier': (size, option) => times(size, option('multiplier')),
  'scale longer dimension': (size, option) => times(size, option('longer_size') / Math.max(size.width, size.height)),
  'scale shorter dimension': (size, option) => times(size, option('shorter_size') / Math.min(size.width, size.height)),
  'scale width': (size, option) => sides(size, option('width'), 0),
  'scale height': (size, option) => sides(size, 0, option('height')),
  'scale total pixels': (size, option) => ofPixels(size, option('megapixels') * 1024 * 1024),
  'match size': (_size, _option, inputs) => sizeOf(inputs['resize_type.match']),
  'scale to multiple': ({ width, height }, option) => {
    const multiple = option('multiple');
    const round = (side: number) => Math.max(multiple, Math.floor(side / multiple) * multiple);
    return { width: round(width), height: round(height) };
  },
};

export async function resize(inputs: Inputs): Promise<NodeResult> {
  const option: Option = (name) => Number(inputs[`resize_type.${name}`]);
  const { input } = inputs;
  const size = sizes[String(inputs.resize_type)]?.(sizeOf(input), option, inputs) ?? sizeOf(input);
  const fit = inputs['resize_type.crop'] === 'center' ? 'cover' : 'fill';
  if (!(input instanceof Masks)) {
    return { outputs: [await stretch(requireType(Images, input), size, inputs.scale_method, fit)] };
  }
  return {
    outputs: [new Masks(await Promise.all(input.frames.map((each) => resized(each, size.width, size.height))))],
  };
}

/** 0 keeps the aspect ratio. */
function sides(size: Size, width: number, height: number): Size {
  if (!width && !height) return size;
  const ratio = size.width / size.height;
  return {
    width: width || Math.max(1, Math.round(height * ratio)),
    height: height || Math.max(1, Math.round(width / ratio)),
  };
}

function sizeOf(value: unknown): Size {
  const [mask] = value instanceof Masks ? value.frames : [];
  return mask ?? requireType(Images, value).size;
}
