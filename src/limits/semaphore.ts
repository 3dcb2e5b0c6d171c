/** So many at once; whoever comes then waits in line. */
export class Turns {
  readonly #line: (() => void)[] = [];

  constructor(private free: number) {}

  /** Answers the way to leave; to leave twice is to leave once. */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((proceed) => this.#line.push(proceed));
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      const next = this.#line.shift();
      if (next) next();
      else this.free += 1;
    };
  }
}
