/** Below 2^48, so that clients that read it as a number keep it exact. Not `crypto.randomUUID`, which plain http lacks. */
export function randomSeed(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return String((high % 2 ** 16) * 2 ** 32 + low);
}
