/**
 * Fetches the pictures of a prompt, inspects their bytes and stores them: all before the generation may be COMPLETED. It begins with each
 * picture when ComfyUI names it, while the prompt still executes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ImageInfo, InvalidImageError, inspectImage } from '../../assets/media/image.js';
import { type FileItem, type NodeOutput, UnreachableError } from '../../comfyui/index.js';
import { contentKey } from '../../storage/storage.js';
import { FailureCode, GenerationFailed } from '../failure.js';
import type { JobContext } from './context.js';

export type StoredPicture = ImageInfo & { file: string; byteSize: number };

const FETCH_ATTEMPTS = 8;
/** They span more than eight seconds: a disk may be full for a moment. */
const STORE_ATTEMPTS = 6;
/** The longest pause between two fetches, as a multiple of the first. */
const MAX_PAUSE = 60;

/** The pictures of one run. */
export class Pictures {
  readonly #early = new Map<string, Promise<StoredPicture | undefined>>();
  /** One picture at a time is in memory. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #stop = new AbortController();
  /** A picture was stored that the prompt's outputs do not name. */
  hasLeftovers = false;

  constructor(private readonly context: JobContext) {}

  /** Begins with the pictures that a node of the running prompt has saved. It tries each once. */
  begin(output: NodeOutput): void {
    for (const file of savedFiles(output)) {
      if (this.#early.has(nameOf(file))) continue;
      const stored = this.#last.then(() => this.#tryOnce(file)).catch(() => undefined);
      this.#early.set(nameOf(file), stored);
      this.#last = stored;
    }
  }

  /** Returns every picture of the outputs, in their order. @throws GenerationFailed, or the signal's reason */
  async all(outputs: Record<string, NodeOutput>): Promise<StoredPicture[]> {
    const files = Object.values(outputs).flatMap(savedFiles);
    if (files.length === 0) throw noOutput();
    const stored: StoredPicture[] = [];
    for (const file of files) stored.push((await this.#early.get(nameOf(file))) ?? (await this.#fetch(file)));
    const names = new Set(files.map(nameOf));
    this.hasLeftovers = [...this.#early.keys()].some((name) => !names.has(name));
    return stored;
  }

  /** Resolves when nothing more is stored. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#last;
  }

  async #tryOnce(file: FileItem): Promise<StoredPicture> {
    // Whoever waits for the picture stops when the run does.
    const signal = AbortSignal.any([this.#stop.signal, this.context.signal]);
    signal.throwIfAborted();
    return this.#store(await readFile(file, this.context, signal), (save) => save());
  }

  async #fetch(file: FileItem): Promise<StoredPicture> {
    return this.#store(await fetchBytes(file, this.context), (save) => withRetries(save, this.context));
  }

  async #store(bytes: Buffer, run: (save: () => Promise<void>) => Promise<void>): Promise<StoredPicture> {
    const { services, job } = this.context;
    const image = await inspect(bytes);
    const key = contentKey(job.id, bytes, image.extension);
    await run(() => services.storage.save(key, bytes));
    return { ...image, file: key, byteSize: bytes.byteLength };
  }
}

const nameOf = ({ filename, subfolder, type }: FileItem): string => JSON.stringify([type, subfolder, filename]);

const noOutput = () =>
  new GenerationFailed({
    code: FailureCode.NO_OUTPUT,
    message: 'The workflow finished without saving a picture',
    retryable: false,
  });

const unavailable = (message: string, cause: unknown) =>
  new GenerationFailed({ code: FailureCode.RESULT_UNAVAILABLE, message, retryable: true }, { cause });

async function inspect(bytes: Buffer): Promise<ImageInfo> {
  try {
    return await inspectImage(bytes);
  } catch (cause) {
    const isInvalid = cause instanceof InvalidImageError;
    throw unavailable(isInvalid ? 'The backend saved an invalid picture' : 'The picture could not be read', cause);
  }
}

/** Stores a picture with retries: without it, the backend would have to make the picture again. */
async function withRetries(save: () => Promise<void>, context: JobContext): Promise<void> {
  const { signal, logger } = context;
  for (let attempt = 1, wait = firstRetryDelayMs(context); ; attempt += 1, wait *= 2) {
    try {
      return await save();
    } catch (cause) {
      logger.warn({ err: cause, attempt }, 'could not store a picture');
      if (attempt === STORE_ATTEMPTS) throw unavailable('The picture could not be stored', cause);
      await pause(wait, signal);
    }
  }
}

const firstRetryDelayMs = ({ services }: JobContext): number => services.timings.pictureRetryDelayMs;

/** Returns the pictures in ComfyUI's output folder that a node names. A node may put anything under any key. */
function savedFiles(output: NodeOutput): FileItem[] {
  const items: unknown[] = Array.isArray(output.images) ? output.images : [];
  return items.filter((item): item is FileItem => {
    const file = item as Partial<FileItem> | null;
    return typeof file?.filename === 'string' && typeof file.subfolder === 'string' && file.type === 'output';
  });
}

async function readFile(file: FileItem, { tools }: JobContext, signal: AbortSignal): Promise<Buffer> {
  const { body } = await tools.comfyui.view(file, signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Fetches a file. Waits without a limit while the backend is unreachable, since it still has the file when it is back. */
async function fetchBytes(file: FileItem, context: JobContext): Promise<Buffer> {
  const { signal } = context;
  const firstMs = firstRetryDelayMs(context);
  let failures = 0;
  for (let wait = firstMs; ; wait = Math.min(wait * 2, firstMs * MAX_PAUSE)) {
    try {
      return await readFile(file, context, signal);
    } catch (cause) {
      signal.throwIfAborted();
      // Only failures of a backend that was reached count.
      if (cause instanceof UnreachableError && cause.sent) failures += 1;
      if (!(cause instanceof UnreachableError) || failures === FETCH_ATTEMPTS)
        throw unavailable('The picture could not be fetched from the backend', cause);
      await pause(wait, signal);
    }
  }
}

/** @throws the signal's reason */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
