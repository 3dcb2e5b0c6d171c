/** A server loads this by `--import`. On SIGUSR2 it collects garbage, and writes its memory and handles as a line of JSON. */
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const resources = Map.groupBy(process.getActiveResourcesInfo(), (name) => name);
  const counts = Object.fromEntries([...resources].map(([name, all]) => [name, all.length]));
  process.stderr.write(`held ${JSON.stringify({ heapUsed, rss, resources: counts })}\n`);
});
