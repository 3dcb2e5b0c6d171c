/** Sends a file of a share, always through this server: a URL of the storage would outlive the share. */
import type { Request, Response } from 'express';
import { MissingFileError, type Storage } from '../../../storage/storage.js';
import { UNLISTED_HEADERS } from '../documents/document.js';
import { harmless, sendStoredFile } from '../files/stored-file.js';

export type SharedFile = { key: string; contentType: string; filename?: string };

/** What browsers show or play. They save everything else. */
const INLINE = /^(image\/(png|jpeg|webp|gif|avif)|video\/.*|audio\/.*)$/;

export async function sendSharedFile(
  request: Request,
  response: Response,
  storage: Storage,
  { key, contentType, filename }: SharedFile,
): Promise<void> {
  response.set({ ...UNLISTED_HEADERS, ...harmless(contentType) });
  if (filename && (request.query.download || !INLINE.test(contentType))) response.attachment(filename);
  response.type(contentType);
  await sendStoredFile(request, response, storage, key).catch((error) => {
    if (!(error instanceof MissingFileError)) throw error;
    sendSharedNotFound(response);
  });
}

/** Without the headers of a file. */
export function sendSharedNotFound(response: Response): void {
  response.removeHeader('Content-Disposition');
  response
    .status(404)
    .type('text/plain')
    .set({ ...UNLISTED_HEADERS, 'Cache-Control': 'no-store' })
    .send('Not found\n');
}
