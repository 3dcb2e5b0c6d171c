/** Waits for what must become true, by looking again and again. */
import { setTimeout } from 'node:timers/promises';

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;
/** No promise of how fast anything is: only so that what will never come is named, before the test is ended. */
const LIMIT_MS = 110_000;

/** What a look may see. No number: whether 0 is what was waited for would be anybody's guess. */
type Sight = object | string | boolean | null | undefined;

/** @returns the first value that is neither undefined, null, false nor empty */
export async function until<T extends Sight>(
  look: () => Promise<T> | T,
  what: string,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + LIMIT_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const value = await look();
    if (value) return value as NonNullable<Awaited<T>> & Exclude<T, undefined | null | false>;
    if (performance.now() > deadline) throw new Error(`In ${LIMIT_MS} ms this did not happen: ${what}`);
    await setTimeout(pause);
  }
}
