/** Wakes one waiter. A signal that is set while nothing waits is kept, once, for the next wait. */
export class WakeSignal {
  #isSet = false;
  #wake: (() => void) | undefined;

  set(): void {
    this.#isSet = true;
    this.#wake?.();
  }

  /** Waits for the signal, at most `ms`. Returns whether it was set. @throws the abort signal's reason */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.#isSet) {
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
    const wasSet = this.#isSet;
    this.#isSet = false;
    return wasSet;
  }
}
