/** Reads where a ComfyUI is. */
import { ComfyUIError } from './errors.js';

/** The URL without credentials and trailing slash, and the headers that carry the credentials. Throws ComfyUIError. */
export function addressOf(text: string): { url: URL; headers: Record<string, string> } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ComfyUIError('The URL of a ComfyUI begins with http:// or https://, for example http://127.0.0.1:8188');
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers = credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return { url: new URL(url.origin + url.pathname.replace(/\/+$/, '')), headers };
}
