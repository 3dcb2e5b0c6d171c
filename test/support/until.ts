/** Polls until a condition is true. */
import { setTimeout } from 'node:timers/promises';

const FIRST_PAUSE_MS = 2;
const MAX_PAUSE_MS = 50;
/** Shorter than the timeout of a test, so that the error names the condition. */
const TIMEOUT_MS = 110_000;

/** Numbers are excluded, because it would be unclear whether 0 ends the wait. */
type Sight = object | string | boolean | null | undefined;

/** @returns the first value that is neither undefined, null, false nor empty */
export async function until<T extends Sight>(
  look: () => Promise<T> | T,
  what: string,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
    const value = await look();
    if (value) return value as NonNullable<Awaited<T>> & Exclude<T, undefined | null | false>;
    if (performance.now() > deadline) throw new Error(`Timed out after ${TIMEOUT_MS} ms, waiting for: ${what}`);
    await setTimeout(pause);
  }
}
