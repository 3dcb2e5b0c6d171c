/** Blocks callers of `pass` while closed. A test uses it to hold execution at an exact point. */
export class Gate {
  #closed = false;
  #waiting = new Set<() => void>();
  #watching = new Set<() => void>();

  close(): void {
    this.#closed = true;
  }

  open(): void {
    this.#closed = false;
    for (const go of [...this.#waiting]) go();
  }

  /** Resolves when a caller is blocked. */
  waiting(): Promise<void> {
    if (this.#waiting.size > 0) return Promise.resolve();
    return new Promise((resolve) => this.#watching.add(resolve));
  }

  /** Resolves when the gate is open, or when the signal aborts. */
  pass(signal?: AbortSignal): Promise<void> {
    if (!this.#closed || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        this.#waiting.delete(go);
        signal?.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.add(go);
      signal?.addEventListener('abort', go, { once: true });
      for (const notify of this.#watching) notify();
      this.#watching.clear();
    });
  }
}
