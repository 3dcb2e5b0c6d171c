/** Fetches what a prompt made, judges it by its bytes, and keeps it: all before the generation may be COMPLETED. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type ImageInfo, InvalidImageError, inspectImage } from '../../assets/inspect-image.js';
import { type ComfyUI, type FileItem, type NodeOutput, UnreachableError } from '../../comfyui/index.js';
import { contentKey, type Storage } from '../../storage/storage.js';

export type KeptPicture = ImageInfo & { file: string; byteSize: number };

/** It ran, and made nothing that can be kept. */
export class NoOutputError extends Error {
  override name = 'NoOutputError';
}

/** There was something, and it could not be fetched, kept, or is not what it claims to be. */
export class ResultUnavailableError extends Error {
  override name = 'ResultUnavailableError';
}

const FETCH_ATTEMPTS = 8;
/** Over eight seconds: a disk may be full for a moment. */
const STORE_ATTEMPTS = 6;
/** The longest pause between two tries to fetch, as a multiple of the first. */
const LONGEST_PAUSE = 60;

export type Fetching = {
  comfyui: ComfyUI;
  storage: Storage;
  signal: AbortSignal;
  /** After the first try that failed. Doubled after each. */
  retryDelayMs: number;
  logger: Logger;
};

/** @throws NoOutputError, ResultUnavailableError, or the signal's reason */
export async function fetchPictures(
  outputs: Record<string, NodeOutput>,
  owner: string,
  fetching: Fetching,
): Promise<KeptPicture[]> {
  const files = Object.values(outputs).flatMap(savedFiles);
  if (files.length === 0) throw new NoOutputError('The workflow ran, and saved no picture');
  const kept: KeptPicture[] = [];
  for (const file of files) {
    const bytes = await fetchBytes(file, fetching);
    const picture = await judge(bytes);
    const key = contentKey(owner, bytes, picture.extension);
    await store(() => fetching.storage.save(key, bytes), fetching);
    kept.push({ ...picture, file: key, byteSize: bytes.byteLength });
  }
  return kept;
}

async function judge(bytes: Buffer): Promise<ImageInfo> {
  try {
    return await inspectImage(bytes);
  } catch (cause) {
    const message =
      cause instanceof InvalidImageError
        ? 'What the backend saved is not a whole picture'
        : 'The picture could not be read';
    throw new ResultUnavailableError(message, { cause });
  }
}

/** There is no picture to be had again without making it again. */
async function store(save: () => Promise<void>, { signal, retryDelayMs, logger }: Fetching): Promise<void> {
  for (let attempt = 1, wait = retryDelayMs; ; attempt += 1, wait *= 2) {
    try {
      return await save();
    } catch (cause) {
      logger.warn({ err: cause, attempt }, 'a picture could not be stored');
      if (attempt === STORE_ATTEMPTS) throw new ResultUnavailableError('The picture could not be stored', { cause });
      await pause(wait, signal);
    }
  }
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
async function fetchBytes(file: FileItem, { comfyui, signal, retryDelayMs }: Fetching): Promise<Buffer> {
  let failures = 0;
  for (let wait = retryDelayMs; ; wait = Math.min(wait * 2, retryDelayMs * LONGEST_PAUSE)) {
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
      await pause(wait, signal);
    }
  }
}

/** @throws the signal's reason */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
