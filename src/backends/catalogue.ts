/**
 * What one ComfyUI offers, kept up to date at its own pace: read whole when it connects and after it has restarted, for it reads its
 * custom nodes only then. Later only the lists of its model folders, and the classes that list what has changed.
 */
import { type ComfyUI, everyRule, type Rules } from '../comfyui/index.js';
import { type Offer, offerOf } from './needs.js';

type Folders = ReadonlyMap<string, readonly string[]>;

/** So many files of a folder are enough to find the classes that list it. */
const SAMPLED_FILES = 3;

export class Catalogue {
  /** What it has; by what an earlier process saved until it is read. */
  offer: Offer | undefined;
  #folders: Folders | undefined;
  /** When it was last read, in milliseconds of `performance`; undefined where the whole of it is to be read. */
  #readAt: number | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** Why the last reading failed. */
  failure: unknown;
  #isBusy = false;

  constructor(
    private readonly comfyui: ComfyUI,
    private readonly intervalMs: number,
    private readonly onChange: (offer: Offer) => Promise<void>,
  ) {}

  /** Whether it has been read since `forget`, or cannot be and an older one is there. */
  get isUsable(): boolean {
    return this.#readAt !== undefined || (this.failure !== undefined && this.offer !== undefined);
  }

  /** It may have restarted: the whole of it is read next time. The last one is kept until then. */
  forget(): void {
    this.#readAt = undefined;
  }

  /** Begins to read it where it is time to. Waits for no longer than `waitMs`. */
  async refresh(waitMs: number, signal: AbortSignal): Promise<void> {
    const isDue = this.#readAt === undefined || performance.now() - this.#readAt >= this.intervalMs;
    const read = () => (this.#readAt === undefined ? this.#readAll(signal) : this.#readChanges(signal));
    if (isDue && !this.#isBusy) void this.#inTurn(read);
    if (this.#isBusy)
      await Promise.race([this.#reading, new Promise((resolve) => setTimeout(resolve, waitMs).unref())]);
  }

  /** Settles when nothing is being read. */
  get settled(): Promise<void> {
    return this.#reading;
  }

  /** Reads these classes again, for it refused what its catalogue lists. */
  async reread(classNames: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#readClasses(classNames, signal));
  }

  #inTurn(read: () => Promise<void>): Promise<void> {
    this.#isBusy = true;
    const reading = this.#reading.then(read).then(
      () => {
        this.failure = undefined;
      },
      (error: unknown) => {
        this.failure = error;
        // Not at once again: it may have taken minutes.
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
    await this.#change(await this.comfyui.rules(undefined, signal));
    this.#readAt = readAt;
    this.#folders = await this.comfyui.modelFolders(signal);
  }

  async #readChanges(signal: AbortSignal): Promise<void> {
    const before = this.#folders;
    const folders = await this.comfyui.modelFolders(signal);
    if (!before || !folders || !this.offer?.rules) return await this.#readAll(signal);
    const changed = [...folders].filter(([name, files]) => files.join('\0') !== before.get(name)?.join('\0'));
    const classes = changed.map(([name]) => classesWith(this.offer?.rules ?? new Map(), before.get(name) ?? []));
    // No class lists a folder that was empty in a way that tells it from others.
    if (classes.some((names) => names.length === 0)) return await this.#readAll(signal);
    await this.#readClasses([...new Set(classes.flat())], signal);
    this.#folders = folders;
    this.#readAt = performance.now();
  }

  async #readClasses(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    const rules = new Map(this.offer?.rules);
    for (const name of names) {
      const read = (await this.comfyui.rules(name, signal)).get(name);
      if (read) rules.set(name, read);
      else rules.delete(name);
    }
    await this.#change(rules);
  }

  async #change(rules: Rules): Promise<void> {
    const offer = offerOf(rules);
    await this.onChange(offer);
    this.offer = offer;
  }
}

const classesWith = (rules: Rules, files: readonly string[]): string[] =>
  [...rules].flatMap(([className, inputs]) =>
    [...everyRule(inputs)].some(({ choices }) => files.slice(0, SAMPLED_FILES).some((file) => choices?.has(file)))
      ? [className]
      : [],
  );
