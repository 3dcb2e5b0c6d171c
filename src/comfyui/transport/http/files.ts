/** The two routes that carry files: `GET /view` and `POST /upload/image`. */
import { RequestRefusedError } from '../../protocol/errors.js';
import type { FileItem, Uploaded } from '../../protocol/protocol.js';
import { toUploaded } from '../../protocol/responses.js';
import { expected, type FileResponse, type Http } from './http.js';
import { multipart, type Upload } from './upload.js';

/** 4 GiB. */
export const MAX_VIEW_BYTES = 4 * 1024 ** 3;

export function viewFile(
  http: Http,
  { filename, subfolder, type }: FileItem,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<FileResponse> {
  const query = new URLSearchParams({ filename, subfolder, type });
  return http.open({ method: 'GET', path: `/view?${query}`, signal }, maxBytes);
}

export async function uploadFile(http: Http, upload: Upload, signal: AbortSignal | undefined): Promise<Uploaded> {
  const response = await http.json({ method: 'POST', path: '/upload/image', ...multipart(upload), signal });
  const { status } = response;
  if (status >= 400 && status < 500) throw new RequestRefusedError(`POST /upload/image returned ${status}`, status);
  return expected('POST /upload/image', response, toUploaded);
}
