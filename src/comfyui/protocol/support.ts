/** Whether a ComfyUI can be used at all: it has to take the prompt ids that it is given, and to interrupt by them. */
import type { SystemStats } from './protocol.js';

const OLDEST = [0, 3, 64] as const;
export const REQUIREMENT = `It needs ComfyUI ${OLDEST.join('.')} or newer, which takes an id for each prompt`;
const MAX_VERSION_LENGTH = 40;

/** What is needed in place of this one; undefined where it can be used. A fork that does not say its version may be anything. */
export function unsupported({ system: { comfyui_version: version } }: SystemStats): string | undefined {
  const numbers = /^\s*v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (!numbers) {
    const said = version === '' ? 'does not say its version' : `calls itself ${version.slice(0, MAX_VERSION_LENGTH)}`;
    return `${REQUIREMENT}; this one ${said}`;
  }
  const found = numbers.slice(1).map((number) => Number(number ?? 0));
  const at = OLDEST.findIndex((number, nth) => number !== found[nth]);
  const isOlder = at >= 0 && (found[at] ?? 0) < (OLDEST[at] ?? 0);
  return isOlder ? `${REQUIREMENT}; this one is ${version.slice(0, MAX_VERSION_LENGTH)}` : undefined;
}
