/** Counts what is there at once, by whose it is. */
export class Tally {
  readonly #counts = new Map<string, number>();

  constructor(readonly most: number) {}

  /** @returns the way to leave, to be used once; undefined where there are as many as may be */
  enter(whose: string): (() => void) | undefined {
    const count = this.#counts.get(whose) ?? 0;
    if (count >= this.most) return undefined;
    this.#counts.set(whose, count + 1);
    return () => this.#leave(whose);
  }

  #leave(whose: string): void {
    const count = (this.#counts.get(whose) ?? 0) - 1;
    if (count > 0) this.#counts.set(whose, count);
    else this.#counts.delete(whose);
  }
}

/** What stays open, by user and by address: sockets and streams together. */
export type Connections = { ofUsers: Tally; ofAddresses: Tally };
