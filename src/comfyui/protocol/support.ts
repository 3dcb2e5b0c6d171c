/** Whether a ComfyUI can be used at all: it has to accept prompt ids from the client, and to interrupt prompts by id. */
import type { SystemStats } from './protocol.js';

const OLDEST = [0, 3, 64] as const;
export const REQUIREMENT = `ComfyUI ${OLDEST.join('.')} or newer is required, which accepts the id of a prompt`;
const MAX_VERSION_LENGTH = 40;

/** Returns why this ComfyUI cannot be used, or undefined if it can. Forks without a version number are not accepted. */
export function unsupported({ system: { comfyui_version: version } }: SystemStats): string | undefined {
  const numbers = /^\s*v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (!numbers) {
    const reported = version === '' ? 'reports no version' : `reports version ${version.slice(0, MAX_VERSION_LENGTH)}`;
    return `${REQUIREMENT}: this one ${reported}`;
  }
  const found = numbers.slice(1).map((number) => Number(number ?? 0));
  const at = OLDEST.findIndex((number, nth) => number !== found[nth]);
  const isOlder = at >= 0 && (found[at] ?? 0) < (OLDEST[at] ?? 0);
  return isOlder ? `${REQUIREMENT}: this one reports version ${version.slice(0, MAX_VERSION_LENGTH)}` : undefined;
}
