/** Finds the picture of which nothing would be repainted. */
import type { FormInput } from '../inputs/form-input';
import { asFile, type FileValue, type Values } from '../inputs/values';

/** Transparent parts are seen at this size too. */
const SAMPLE_PX = 256;

/** @returns the name of the input; undefined if a picture has marks or transparent parts, or cannot be read here */
export async function unmarkedPicture(inputs: readonly FormInput[], values: Values): Promise<string | undefined> {
  const pictures = inputs.flatMap(({ name, type }) => {
    const file = type === 'IMAGE' ? asFile(values[name]) : undefined;
    return file ? [{ name, file }] : [];
  });
  const opaque = await Promise.all(pictures.map(({ file }) => isOpaque(file)));
  return opaque.every(Boolean) ? pictures[0]?.name : undefined;
}

async function isOpaque({ origin, previewUrl, url }: FileValue): Promise<boolean> {
  const address = previewUrl ?? url;
  if (origin || !address) return false;
  const picture = new Image();
  picture.crossOrigin = 'anonymous';
  picture.src = address;
  try {
    await picture.decode();
    const scale = Math.min(1, SAMPLE_PX / Math.max(picture.naturalWidth, picture.naturalHeight));
    const [width, height] = [picture.naturalWidth, picture.naturalHeight].map((side) => Math.ceil(side * scale));
    const context = new OffscreenCanvas(width ?? 1, height ?? 1).getContext('2d');
    if (!context) return false;
    context.drawImage(picture, 0, 0, context.canvas.width, context.canvas.height);
    const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
    return data.every((byte, at) => at % 4 !== 3 || byte === 255);
  } catch {
    return false;
  }
}
