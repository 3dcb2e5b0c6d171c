/** Runs a limited number of tasks at once; the others wait in order. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Resolves with a function that releases the slot; calling it again has no effect. */
  async acquire(): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((proceed) => this.#waiting.push(proceed));
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.#waiting.shift();
      if (next) next();
      else this.free += 1;
    };
  }
}
