/**
 * The nodes and models of one ComfyUI, kept up to date. The whole catalogue is read after each start of ComfyUI, because it loads custom
 * nodes only then. Later reads fetch only the lists of its model folders, and the classes that list a changed folder.
 */
import {
  type ComfyUI,
  canonicalFolder,
  everyRule,
  type Folders,
  type InputRule,
  type Rules,
} from '../../comfyui/index.js';
import { type Offer, offerOf } from '../offer.js';

/** The folder that no class lists: prompts name its files. */
const EMBEDDINGS = 'embeddings';

/** This many files of a folder are enough to find the classes that list it. */
const SAMPLED_FILES = 3;

export class Catalogue {
  /** Until the catalogue is read, the offer that an earlier process saved. */
  offer: Offer | undefined;
  #folders: Folders | undefined;
  /** When it was last read, as milliseconds of `performance.now()`; undefined if the whole catalogue has to be read. */
  #readAt: number | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** The error of the last read, if that failed. */
  failure: unknown;
  #isBusy = false;

  constructor(
    private readonly comfyui: ComfyUI,
    private readonly intervalMs: number,
    private readonly onChange: (offer: Offer) => Promise<void>,
  ) {}

  /** Whether it was read since `invalidate`, or the read failed and there is an older one. */
  get isUsable(): boolean {
    return this.#readAt !== undefined || (this.failure !== undefined && this.offer !== undefined);
  }

  /** ComfyUI may have restarted: the next read is of the whole catalogue. The last one is kept until then. */
  invalidate(): void {
    this.#readAt = undefined;
  }

  /** Starts a read if one is due. Waits for it, but no longer than `waitMs`. */
  async refresh(waitMs: number, signal: AbortSignal): Promise<void> {
    const isDue = this.#readAt === undefined || performance.now() - this.#readAt >= this.intervalMs;
    const read = () => (this.#readAt === undefined ? this.#readAll(signal) : this.#readChanges(signal));
    if (isDue && !this.#isBusy) void this.#enqueue(read);
    if (this.#isBusy)
      await Promise.race([this.#reading, new Promise((resolve) => setTimeout(resolve, waitMs).unref())]);
  }

  /** Resolves when no read is under way. */
  get settled(): Promise<void> {
    return this.#reading;
  }

  /** Reads these classes again, because ComfyUI rejected a value that its catalogue lists. */
  async reread(classNames: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#enqueue(() => this.#readClasses(classNames, this.#folders, signal));
  }

  #enqueue(read: () => Promise<void>): Promise<void> {
    this.#isBusy = true;
    const reading = this.#reading.then(read).then(
      () => {
        this.failure = undefined;
      },
      (error: unknown) => {
        this.failure = error;
        // The next read waits for the interval: this one may have taken minutes.
        if (this.#readAt !== undefined) this.#readAt = performance.now();
      },
    );
    this.#reading = reading.finally(() => {
      this.#isBusy = false;
    });
    return this.#reading;
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const readAt = performance.now();
    const rules = await this.comfyui.rules(undefined, signal);
    // Without the lists the catalogue is usable, and the next read is of the whole again.
    const folders = await this.comfyui.modelFolders(signal).catch(() => undefined);
    signal.throwIfAborted();
    await this.#change(rules, folders);
    this.#readAt = readAt;
    this.#folders = folders;
  }

  async #readChanges(signal: AbortSignal): Promise<void> {
    const before = this.#folders;
    const folders = await this.comfyui.modelFolders(signal);
    if (!before || !folders || !this.offer?.rules) return await this.#readAll(signal);
    const changed = [...folders].filter(([name, files]) => files.join('\0') !== before.get(name)?.join('\0'));
    const { rules } = this.offer;
    const classes = changed.map(([name]) => classesWith(rules, name, before.get(name) ?? []));
    // The classes that list an unknown folder which was empty cannot be found.
    if (changed.some(([name], nth) => classes[nth]?.length === 0 && name !== EMBEDDINGS))
      return await this.#readAll(signal);
    if (changed.length > 0) await this.#readClasses([...new Set(classes.flat())], folders, signal);
    this.#folders = folders;
    this.#readAt = performance.now();
  }

  async #readClasses(names: readonly string[], folders: Folders | undefined, signal: AbortSignal): Promise<void> {
    const rules = new Map(this.offer?.rules);
    for (const name of names) {
      const read = (await this.comfyui.rules(name, signal)).get(name);
      if (read) rules.set(name, read);
      else rules.delete(name);
    }
    await this.#change(rules, folders);
  }

  async #change(rules: Rules, folders: Folders | undefined): Promise<void> {
    const offer = offerOf(rules, folders);
    await this.onChange(offer);
    this.offer = offer;
  }
}

/** The classes that list a folder, which had these files. */
function classesWith(rules: Rules, name: string, files: readonly string[]): string[] {
  const sample = files.slice(0, SAMPLED_FILES);
  const lists = ({ folder, choices }: InputRule) =>
    folder === canonicalFolder(name) || sample.some((file) => choices?.has(file));
  return [...rules].flatMap(([className, inputs]) => ([...everyRule(inputs)].some(lists) ? [className] : []));
}
