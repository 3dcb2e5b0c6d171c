/**
 * Notices a prompt that makes no progress: ComfyUI runs it, and its nodes have reported nothing for long. The clock starts with the first
 * message about the prompt, since a socket that never names the prompt proves nothing, and it stops while ComfyUI is unreachable.
 */
import { type Failure, FailureCode } from '../failure.js';

export class StallWatchdog {
  #timer: NodeJS.Timeout | undefined;
  #hasStarted = false;

  constructor(
    private readonly limitSeconds: number,
    private readonly onStalled: (failure: Failure) => void,
  ) {}

  /** Restarts the clock: ComfyUI has reported progress. */
  restart(): void {
    this.#hasStarted = true;
    this.#wait();
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    if (this.#hasStarted) this.#wait();
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
  message: `No progress for ${seconds} seconds`,
  retryable: true,
});
