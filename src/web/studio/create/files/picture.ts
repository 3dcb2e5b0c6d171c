/** Pictures in the browser: decoded, converted, made small. */

const THUMBNAIL_PX = 256;

const toBlob = (canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, type, quality));

function draw(source: ImageBitmap, scale: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Converts a picture of a type that the API does not take. @returns undefined if the browser cannot read it */
export async function toPng(file: File): Promise<File | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  const blob = bitmap && (await toBlob(draw(bitmap, 1), 'image/png'));
  return blob ? new File([blob], file.name.replace(/\.\w+$/, '.png'), { type: 'image/png' }) : undefined;
}

/** @returns a data URL, small enough to be stored */
export async function thumbnailOf(file: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap) return null;
  const canvas = draw(bitmap, Math.min(1, THUMBNAIL_PX / Math.max(bitmap.width, bitmap.height)));
  return canvas.toDataURL('image/webp', 0.8);
}
