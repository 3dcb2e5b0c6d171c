/** `POST /upload/image`: stores any file, under another name if the requested one is taken. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { extname, join, normalize, resolve, sep } from 'node:path';
import type { FileType, Uploaded } from '../../../comfyui/protocol/protocol.js';
import { PythonError } from '../../python/python.js';
import { empty, type HttpResponse, json, type RouteContext } from './route.js';

export async function uploadImage(context: RouteContext): Promise<HttpResponse> {
  const headers = { 'content-type': context.request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(await context.body()), { headers }).formData();
  const field = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const image = form.get('image');
  if (image === null) return empty(400);
  if (typeof image === 'string') throw new PythonError('AttributeError', "'str' object has no attribute 'file'");
  if (!image.name) return empty(400);

  const type = (field('type') ?? 'input') as FileType;
  if (!['input', 'temp', 'output'].includes(type)) throw new PythonError('TypeError', 'unknown type');
  const base = context.instance.shared.folders.path(type);
  const subfolder = field('subfolder') ?? '';
  const folder = resolve(base, normalize(`./${subfolder}`));
  const isInside = (path: string) => path === base || path.startsWith(base + sep);
  if (!isInside(resolve(folder, image.name))) return empty(400);

  await mkdir(folder, { recursive: true });
  const bytes = Buffer.from(await image.arrayBuffer());
  const overwrites = ['true', '1'].includes(field('overwrite') ?? '');
  const { name, isThere } = overwrites ? { name: image.name, isThere: false } : freeName(folder, image.name, bytes);
  if (!isThere) await writeFile(join(folder, name), bytes);
  return json({ name, subfolder, type } satisfies Uploaded);
}

/** Tries `a.png`, `a (1).png`, … until a name is free or its file has the same bytes. */
function freeName(folder: string, requested: string, bytes: Buffer): { name: string; isThere: boolean } {
  const extension = extname(requested);
  const stem = requested.slice(0, requested.length - extension.length);
  for (let count = 0; ; count++) {
    const name = count === 0 ? requested : `${stem} (${count})${extension}`;
    const path = join(folder, name);
    if (!existsSync(path)) return { name, isThere: false };
    if (readFileSync(path).equals(bytes)) return { name, isThere: true };
  }
}
