/** Redirects downloads to the storage, where it can serve them itself. */
import type { Request, Response } from 'express';
import type { Storage } from '../../../storage/storage.js';

/** The URL stays the same for this long, and is valid for ten minutes more. */
const REDIRECT_SECONDS = 300;
/** A browser runs nothing of these, whatever their bytes are. Others need our headers: the storage does not send them. */
const HARMLESS = /^(image\/(png|jpeg|webp|gif|avif)|video\/(mp4|webm|quicktime)|audio\/[\w.-]+)$/;

/** Call it when the response has the headers of the file. Returns whether it is redirected. */
export async function redirectToStorage(
  { method }: Request,
  response: Response,
  storage: Storage,
  key: string,
): Promise<boolean> {
  const contentType = String(response.get('Content-Type'));
  // A presigned URL is valid for one method.
  if (method !== 'GET' || !HARMLESS.test(contentType)) return false;
  const url = await storage.downloadUrl(key, {
    contentType,
    disposition: response.get('Content-Disposition'),
    cacheControl: String(response.get('Cache-Control')),
  });
  if (url === undefined) return false;
  for (const header of ['Content-Type', 'Content-Disposition']) response.removeHeader(header);
  response
    .status(302)
    .set({ Location: url, 'Cache-Control': `private, max-age=${REDIRECT_SECONDS}` })
    .end();
  return true;
}
