/** Uploads a file for use as an input. */
import type { Client } from 'urql';
import { absolute } from '../../api/address';
import { type Problem, problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import type { FileValue } from '../inputs/values';
import { contentTypeOf, isSupported, kindOf } from './file-types';
import { keepFile } from './local-files';
import { thumbnailOf, toPng } from './picture';

const CREATE_UPLOAD = graphql(`
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) { id url }
  }
`);

const MAX_NAME_LENGTH = 255;

export type UploadEnd = { file: FileValue } | { problem: Problem };
type Options = {
  /** @param fraction from 0 to 1 */
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal;
};

const failed = (code: string, message = code): UploadEnd => ({ problem: { code, message, field: undefined } });

/** Converts a picture that the API does not take. Its problems have the codes of the API, UNSUPPORTED and ABORTED. */
export async function upload(client: Client, given: File, { onProgress, signal }: Options = {}): Promise<UploadEnd> {
  const file = isSupported(given) ? given : await toPng(given);
  if (!file) return failed('UNSUPPORTED');
  const contentType = contentTypeOf(file);
  const input = { contentType, byteSize: file.size, filename: file.name.slice(-MAX_NAME_LENGTH) };
  const { data, error } = await client.mutation(CREATE_UPLOAD, { input });
  const place = data?.createUpload;
  if (!place) return { problem: problemOf(error) ?? { code: 'NETWORK', message: '', field: undefined } };
  if (signal?.aborted) return failed('ABORTED');
  const problem = await put(absolute(place.url), file, {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  if (problem) return problem;
  const kind = kindOf(contentType);
  const url = keepFile(place.id, file);
  const previewUrl = kind === 'IMAGE' ? await thumbnailOf(file) : null;
  return { file: { id: place.id, kind, name: file.name, previewUrl, url } };
}

/** Not `fetch`, which tells no progress. @returns undefined if the file has arrived */
function put(url: string, file: File, { onProgress, signal }: Options): Promise<UploadEnd | undefined> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded / Math.max(1, total));
    request.onload = () => resolve(request.status < 300 ? undefined : refused(request.responseText));
    request.onerror = () => resolve(failed('NETWORK'));
    request.onabort = () => resolve(failed('ABORTED'));
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** @param text of a response like that of the API, or the page of a proxy */
function refused(text: string): UploadEnd {
  try {
    const [error] = (JSON.parse(text) as { errors: { message: string; extensions: { code: string } }[] }).errors;
    return error ? failed(error.extensions.code, error.message) : failed('NETWORK');
  } catch {
    return failed('NETWORK');
  }
}
