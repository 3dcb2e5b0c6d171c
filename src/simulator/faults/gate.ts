/** Stops whoever passes while it is closed. Makes time stand still for a test, which a sleep cannot. */
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

  /** Resolves once someone stands before the gate. */
  someoneWaits(): Promise<void> {
    if (this.#waiting.size > 0) return Promise.resolve();
    return new Promise((resolve) => this.#watching.add(resolve));
  }

  /** Resolves at once while the gate is open, and whenever the signal aborts: then there is nothing left to stop. */
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
      for (const told of this.#watching) told();
      this.#watching.clear();
    });
  }
}
