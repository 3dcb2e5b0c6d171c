/**
 * Notices a prompt that has stopped coming on: it runs by ComfyUI's word, and its nodes have said nothing for long. Only what has been
 * heard can fall silent: a socket that never spoke of the prompt tells nothing, and while ComfyUI does not answer the clock stands still.
 */
import { type Failure, FailureCode } from '../failure.js';

export class Stall {
  #timer: NodeJS.Timeout | undefined;
  #isHeard = false;

  constructor(
    private readonly limitSeconds: number,
    private readonly onStalled: (failure: Failure) => void,
  ) {}

  /** ComfyUI spoke of the prompt. */
  heard(): void {
    this.#isHeard = true;
    this.#wait();
  }

  unreachable(): void {
    clearTimeout(this.#timer);
  }

  reachable(): void {
    if (this.#isHeard) this.#wait();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.onStalled(stalled(this.limitSeconds)), this.limitSeconds * 1000);
  }
}

const stalled = (seconds: number): Failure => ({
  code: FailureCode.TIMED_OUT,
  message: `It did not come on for ${seconds} seconds`,
  retryable: true,
});
