/** Waits for what must become true, by looking again and again, for as long as a slow machine may need. */
import { setTimeout } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 20_000;

/** @returns the first value that is neither undefined, null nor false */
export async function until<T>(
  look: () => Promise<T> | T,
  what = 'what was waited for',
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== null && value !== false) return value as Exclude<T, undefined | null | false>;
    if (Date.now() > deadline) throw new Error(`In ${patienceMs} ms this did not happen: ${what}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}
