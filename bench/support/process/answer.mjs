/**
 * Every measured process loads this by `--import`: it answers the calls of the benchmark over IPC, and ends with it. `cpu` is the CPU time so
 * far in microseconds; `memory` is in bytes after a garbage collection, with the number of open handles by kind.
 */
const answers = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  memory() {
    globalThis.gc?.();
    globalThis.gc?.();
    const resources = Map.groupBy(process.getActiveResourcesInfo(), (name) => name);
    const counts = Object.fromEntries([...resources].map(([name, all]) => [name, all.length]));
    return { ...process.memoryUsage(), resources: counts };
  },
};

/** Adds calls that a process answers. A result must be serialisable. */
export const answer = (calls) => Object.assign(answers, calls);

/** Reports that the process is ready, and keeps it alive for calls. */
export function ready(url) {
  process.channel.ref();
  process.send({ url });
}

process.on('message', async ({ id, call, argument }) => {
  try {
    process.send({ id, result: await answers[call](argument) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// A process may end while the benchmark still listens.
process.channel?.unref();
