/** Runs the simulator in a thread of this process: it draws without holding up the server, and cannot outlive it. */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';

export type SimulatorThread = { url: string; close(): Promise<void> };

export async function startSimulatorThread(stepMs: number): Promise<SimulatorThread> {
  // What tests may do to a simulator is nothing for whoever finds its port.
  const workerData = { stepMs, control: false };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
  const isOver = new Promise((resolve) => worker.once('exit', resolve));
  const url = await addressOf(worker);
  return {
    url,
    close: async () => {
      worker.postMessage('close');
      await isOver;
    },
  };
}

async function addressOf(worker: Worker): Promise<string> {
  // `node --watch` has a thread tell what it has loaded, too.
  for await (const [message] of on(worker, 'message', { close: ['exit'] })) {
    const { url } = message as { url?: unknown };
    if (typeof url === 'string') return url;
  }
  throw new Error('The simulator ended as it began');
}
