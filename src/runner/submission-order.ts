/**
 * Lets the jobs of a backend submit their prompts in the order in which they were claimed: ComfyUI executes prompts as they arrive, and two
 * jobs that are claimed together race for it. Over several servers the order is a matter of luck.
 */

/** A job that takes longer, such as one that uploads a large picture, lets the next one go first. */
const MAX_WAIT_MS = 1_000;

/** The turn of one job. */
export class Turn {
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #proceed: () => void = () => {};

  constructor(
    private readonly before: Turn | undefined,
    private readonly maxWaitMs: number,
  ) {}

  /** Resolves when the job may submit its prompt. */
  async begin(): Promise<void> {
    const { before } = this;
    if (!before || before.#isOver) return;
    await new Promise<void>((resolve) => {
      before.#proceed = resolve;
      this.#timer = setTimeout(resolve, this.maxWaitMs);
    });
    clearTimeout(this.#timer);
  }

  /** ComfyUI has the prompt, or does not get it from this run. May be called again. */
  end(): void {
    this.#isOver = true;
    this.#proceed();
  }
}

export class SubmissionOrder {
  readonly #last = new Map<string, Turn>();

  constructor(private readonly maxWaitMs = MAX_WAIT_MS) {}

  /** @returns the turn after the last job of this backend */
  next(backendId: string): Turn {
    const turn = new Turn(this.#last.get(backendId), this.maxWaitMs);
    this.#last.set(backendId, turn);
    return turn;
  }
}
