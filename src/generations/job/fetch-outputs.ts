/**
 * Fetches the files of a prompt, inspects their bytes and stores them: all before the generation may be COMPLETED. It begins with each file
 * when ComfyUI names it, while the prompt still executes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type NewBlob, newKey } from '../../assets/blobs.js';
import { removeUnnamed } from '../../assets/derived.js';
import type { Local } from '../../assets/media/file-bytes.js';
import { InvalidImageError } from '../../assets/media/image.js';
import type { MediaInfo } from '../../assets/media/media-info.js';
import { imageExtensionOf } from '../../assets/media/media-types.js';
import { probeMedia } from '../../assets/media/probe.js';
import { ComfyUIError, type FileItem, type NodeId, type NodeOutput, UnreachableError } from '../../comfyui/index.js';
import { receive } from '../../storage/spool.js';
import { FailureCode, GenerationFailed } from '../failure.js';
import { OVER } from './cancellation.js';
import type { JobContext } from './context.js';
import { type NamedFile, type NamedText, nameOf, readOutputs } from './named-outputs.js';

export type StoredOutput = MediaInfo & NewBlob & { nodeId: NodeId };

/** What a prompt made, in the order of its nodes. `problems`: what could not be kept, each as a sentence. */
export type MadeOutputs = { files: StoredOutput[]; texts: NamedText[]; problems: string[] };

const FETCH_ATTEMPTS = 8;
/** They span more than eight seconds: a disk may be full for a moment. */
const STORE_ATTEMPTS = 6;
/** The longest pause between two fetches, as a multiple of the first. */
const MAX_PAUSE = 60;
/** Of a file's name in a message. */
const MAX_NAME_LENGTH = 200;

/** The outputs of one run. */
export class Outputs {
  readonly #early = new Map<string, Promise<StoredOutput | undefined>>();
  /** One file at a time. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #stop = new AbortController();
  /** Files that were stored, and that no row names yet. */
  readonly #unsaved = new Set<string>();

  constructor(private readonly context: JobContext) {}

  /** Begins with the files that a node of the running prompt has saved. It tries each once. */
  begin(nodeId: NodeId, output: NodeOutput): void {
    for (const named of readOutputs({ [nodeId]: output }).saved) {
      const name = nameOf(named.file);
      if (this.#early.has(name)) continue;
      const stored = this.#last.then(() => this.#tryOnce(named)).catch(() => undefined);
      this.#early.set(name, stored);
      this.#last = stored;
    }
  }

  /**
   * Returns everything that the prompt made. Previews count where it saved no file. A file that cannot be kept is a problem, unless nothing
   * can be kept.
   * @throws GenerationFailed, or the signal's reason
   */
  async all(outputs: Record<NodeId, NodeOutput>): Promise<MadeOutputs> {
    const { saved, temporary, texts } = readOutputs(outputs);
    const named = saved.length > 0 ? saved : temporary;
    if (named.length + texts.length === 0) throw noOutput();
    const made: MadeOutputs = { files: [], texts, problems: [] };
    let failed: GenerationFailed | undefined;
    for (const each of named)
      try {
        made.files.push((await this.#early.get(nameOf(each.file))) ?? (await this.#fetch(each)));
      } catch (error) {
        if (!(error instanceof GenerationFailed)) throw error;
        failed ??= error;
        made.problems.push(error.failure.message);
        this.context.logger.error({ err: error, file: each.file.filename }, 'could not keep a file');
      }
    if (failed && made.files.length + texts.length === 0) throw failed;
    return made;
  }

  /** From now on rows may name the files. Returns them. */
  release(): string[] {
    const files = [...this.#unsaved];
    this.#unsaved.clear();
    return files;
  }

  /** No row names these files after all. */
  retain(files: readonly string[]): void {
    for (const file of files) this.#unsaved.add(file);
  }

  /** Removes files that no row names. Resolves when nothing more is stored. */
  async close(): Promise<void> {
    this.#stop.abort(OVER);
    await this.#last;
    await removeUnnamed(this.context.services.storage, this.release());
  }

  async #tryOnce(named: NamedFile): Promise<StoredOutput> {
    // Whoever waits for the file stops when the run does.
    const signal = AbortSignal.any([this.#stop.signal, this.context.signal]);
    signal.throwIfAborted();
    return await this.#keep(named, signal);
  }

  /**
   * Waits without a limit while the backend is unreachable, since it still has the file when it is back. Tries several times to store the
   * file: without it, the backend would have to make it again.
   */
  async #fetch(named: NamedFile): Promise<StoredOutput> {
    const { signal, services, logger } = this.context;
    const firstMs = services.timings.outputRetryDelayMs;
    const failures = { backend: 0, storage: 0 };
    for (let wait = firstMs; ; wait = Math.min(wait * 2, firstMs * MAX_PAUSE)) {
      try {
        return await this.#keep(named, signal);
      } catch (cause) {
        signal.throwIfAborted();
        if (cause instanceof GenerationFailed) throw cause;
        if (!(cause instanceof ComfyUIError)) {
          failures.storage += 1;
          logger.warn({ err: cause, attempt: failures.storage }, 'could not store a file');
          if (failures.storage === STORE_ATTEMPTS) throw unavailable('A file could not be stored', cause);
        } else {
          // Only failures of a backend that was reached count.
          if (cause instanceof UnreachableError && cause.sent) failures.backend += 1;
          if (!(cause instanceof UnreachableError) || failures.backend === FETCH_ATTEMPTS)
            throw unavailable(`The file ${shown(named.file)} could not be fetched from the backend`, cause);
        }
        await pause(wait, signal);
      }
    }
  }

  /** @throws GenerationFailed for a file that cannot be kept, ComfyUIError, or an error of the storage */
  async #keep({ file, nodeId }: NamedFile, signal: AbortSignal): Promise<StoredOutput> {
    const { services, tools, job } = this.context;
    const { body } = await tools.comfyui.view(file, signal);
    return await receive(body, services.storage, async ({ local, hash, byteSize }) => {
      if (byteSize === 0) throw unavailable(`The backend saved an empty file: ${shown(file)}`);
      const inspecting = inspect(local, file);
      const toKey = (extension: string): string => {
        const key = newKey(job.userId, extension);
        this.#unsaved.add(key);
        return key;
      };
      // The first bytes of an image tell its extension, and it is stored while it is decoded.
      const extension = typeof local === 'string' ? undefined : imageExtensionOf(local);
      const key = extension ? toKey(extension) : inspecting.then((info) => toKey(info.extension));
      const storing =
        typeof local === 'string' ? services.storage.saveFile(key, local) : services.storage.save(key, local);
      // Also after an error: both use the bytes, and nothing may be stored after the run has removed its files.
      await Promise.allSettled([inspecting, storing]);
      const info = await inspecting;
      await storing;
      return { ...info, file: await key, hash, byteSize, nodeId };
    });
  }
}

const noOutput = () =>
  new GenerationFailed({
    code: FailureCode.NO_OUTPUT,
    message: 'The workflow finished without an output',
    retryable: false,
  });

const unavailable = (message: string, cause?: unknown) =>
  new GenerationFailed({ code: FailureCode.RESULT_UNAVAILABLE, message, retryable: true }, { cause });

const shown = ({ filename }: FileItem): string => filename.slice(0, MAX_NAME_LENGTH).toWellFormed();

async function inspect(local: Local, file: FileItem): Promise<MediaInfo> {
  try {
    return await probeMedia(local, file.filename);
  } catch (cause) {
    if (!(cause instanceof InvalidImageError)) throw cause;
    throw unavailable(`The backend saved an invalid image: ${shown(file)}`, cause);
  }
}

/** @throws the signal's reason */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
