/** `GET /view`: a file's bytes, whole, in part or re-encoded. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, resolve, sep } from 'node:path';
import sharp from 'sharp';
import { empty, type HttpResponse, type RouteContext } from './route.js';

const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.mp3': 'audio/mpeg',
  '.opus': 'audio/ogg',
  '.flac': 'audio/x-flac',
  '.json': 'application/json',
  '.txt': 'text/plain',
};

const DEFAULT_QUALITY = 90;

/** Types with active content; newer versions send them as attachments. */
const ACTIVE = new Set(['.svg', '.html', '.xml', '.js', '.css']);

export async function view({ instance, query, request }: RouteContext): Promise<HttpResponse> {
  const requested = query.get('filename');
  if (requested === null) return empty(404);
  const { folders } = instance.shared;
  const { name, type } = folders.splitAnnotation(requested, (query.get('type') ?? 'output') as 'output');
  if (!name || name.startsWith('/') || name.includes('..') || !['output', 'input', 'temp'].includes(type))
    return empty(400);

  const base = folders.path(type);
  const folder = resolve(base, query.get('subfolder') ?? '');
  if (folder !== base && !folder.startsWith(base + sep)) return empty(403);
  const path = resolve(folder, basename(name));
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) return empty(404);

  // In UTF-8, as aiohttp writes headers.
  const filename = Buffer.from(basename(name)).toString('latin1');
  const headers = { 'content-disposition': `filename="${filename}"` };
  const [preview, channel] = [query.get('preview'), query.get('channel')];
  if (preview !== null) return await reencoded(path, preview, channel ?? '', headers);
  if (channel === 'rgb') {
    const body = await sharp(path).removeAlpha().png().toBuffer();
    return { status: 200, headers: { ...headers, 'content-type': 'image/png' }, body };
  }
  if (channel === 'a') {
    const body = await sharp(path).ensureAlpha().extractChannel(3).png().toBuffer();
    return { status: 200, headers: { ...headers, 'content-type': 'image/png' }, body };
  }
  const bytes = await readFile(path);
  const extension = extname(name).toLowerCase();
  const isOld = instance.catalog.version === '0.3.64';
  const whole = {
    'content-type': TYPES[extension] ?? 'application/octet-stream',
    'content-disposition':
      isOld || !ACTIVE.has(extension)
        ? headers['content-disposition']
        : `attachment; ${headers['content-disposition']}`,
    etag: `"${createHash('md5').update(`${info.mtimeMs}`).digest('hex').slice(0, 16)}-${info.size.toString(16)}"`,
    'last-modified': info.mtime.toUTCString(),
    'accept-ranges': 'bytes',
    ...(!isOld && { 'x-content-type-options': 'nosniff' }),
  };
  if (request.headers['if-none-match']?.split(/, */).includes(whole.etag)) return { status: 304, headers: whole };
  return part(bytes, request.headers.range, whole);
}

function part(bytes: Buffer, range: string | undefined, headers: Record<string, string>): HttpResponse {
  const requested = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  if (!requested || (requested[1] === '' && requested[2] === '')) return { status: 200, headers, body: bytes };
  const [, from = '', to = ''] = requested;
  const start = from === '' ? Math.max(0, bytes.length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes.length : Math.min(Number(to) + 1, bytes.length);
  if (start >= bytes.length || end <= start) {
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${bytes.length}` } };
  }
  const body = bytes.subarray(start, end);
  return { status: 206, headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }, body };
}

/** `preview` is a format with an optional quality: `webp;80`. */
async function reencoded(path: string, preview: string, channel: string, headers: object): Promise<HttpResponse> {
  const words = preview.split(';');
  const quality = /^\d+$/.test(words.at(-1) ?? '') ? Math.min(100, Math.max(1, Number(words.at(-1)))) : DEFAULT_QUALITY;
  const isJpeg = words[0] === 'jpeg' && !channel.includes('a');
  const image = sharp(path);
  const body = await (isJpeg ? image.removeAlpha().jpeg({ quality }) : image.webp({ quality })).toBuffer();
  return { status: 200, headers: { ...headers, 'content-type': isJpeg ? 'image/jpeg' : 'image/webp' }, body };
}
