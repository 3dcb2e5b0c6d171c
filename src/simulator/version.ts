/** The ComfyUI versions that the simulator supports. */
export const VERSIONS = ['0.3.64', '0.8.0', '0.33.0'] as const;
export type Version = (typeof VERSIONS)[number];

/** Whether `version` is `first` or newer. */
export function isSince(first: string, version: Version): boolean {
  const required = first.split('.').map(Number);
  const numbers = version.split('.').map(Number);
  const at = numbers.findIndex((number, nth) => number !== (required[nth] ?? 0));
  return at < 0 || (numbers[at] ?? 0) > (required[at] ?? 0);
}
