/** A hint that it is worth looking now: rung by one, waited for by another; a ring while nobody waits is kept, once. */
export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Waits for a ring, at most so long; says whether it rang. An abort throws the signal's reason. */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake, { once: true });
      }).finally(() => {
        this.#wake?.();
        this.#wake = undefined;
      });
      signal.throwIfAborted();
    }
    const rang = this.#isRung;
    this.#isRung = false;
    return rang;
  }
}
