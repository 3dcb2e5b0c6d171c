/** Fetches what a prompt made, judges it by its bytes, and keeps it: all before the generation may be COMPLETED. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ComfyUI, type FileItem, type NodeOutput, UnreachableError } from '../comfyui/index.js';
import { judgePicture, NotAPictureError, type Picture } from '../storage/picture.js';
import type { Storage } from '../storage/storage.js';

export type KeptPicture = Picture & { file: string; byteSize: number };

/** It ran, and made nothing that can be kept. */
export class NoOutputError extends Error {
  override name = 'NoOutputError';
}

/** There was something, and it could not be fetched, kept, or is not what it claims to be. */
export class ResultUnavailableError extends Error {
  override name = 'ResultUnavailableError';
}

const FETCH_ATTEMPTS = 8;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 15_000;

/** @throws NoOutputError, ResultUnavailableError, or the signal's reason */
export async function fetchPictures(
  outputs: Record<string, NodeOutput>,
  owner: string,
  comfyui: ComfyUI,
  storage: Storage,
  signal: AbortSignal,
): Promise<KeptPicture[]> {
  const files = Object.values(outputs).flatMap(savedFiles);
  if (files.length === 0) throw new NoOutputError('The workflow ran, and saved no picture');
  const kept: KeptPicture[] = [];
  for (const file of files) {
    const bytes = await fetchBytes(file, comfyui, signal);
    try {
      const picture = await judgePicture(bytes);
      kept.push({ ...picture, file: await storage.save(owner, bytes, picture.extension), byteSize: bytes.byteLength });
    } catch (cause) {
      if (cause instanceof NotAPictureError)
        throw new ResultUnavailableError('What the backend saved is not a whole picture', { cause });
      throw new ResultUnavailableError('The picture could not be stored', { cause });
    }
  }
  return kept;
}

/** The pictures a node saved for good. A node may put anything under any key. */
function savedFiles(output: NodeOutput): FileItem[] {
  const items: unknown[] = Array.isArray(output.images) ? output.images : [];
  return items.filter((item): item is FileItem => {
    const file = item as Partial<FileItem> | null;
    return typeof file?.filename === 'string' && typeof file.subfolder === 'string' && file.type === 'output';
  });
}

/** A backend that is away still has the file when it is back: it is waited for, and the signal ends the wait. */
async function fetchBytes(file: FileItem, comfyui: ComfyUI, signal: AbortSignal): Promise<Buffer> {
  let failures = 0;
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, MAX_RETRY_MS)) {
    try {
      const { body } = await comfyui.view(file, signal);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks);
    } catch (cause) {
      signal.throwIfAborted();
      // One that cannot be reached is no answer; one that is reached, and answers with something else, is.
      if (cause instanceof UnreachableError && cause.sent) failures += 1;
      if (!(cause instanceof UnreachableError) || failures === FETCH_ATTEMPTS)
        throw new ResultUnavailableError('The backend does not hand over the picture it made', { cause });
      await delay(wait, undefined, { signal });
    }
  }
}
