/** Runs the simulator in a worker thread: drawing does not block the server, and the thread ends with the process. */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { demoModels } from './demo-models.js';
import type { SimulatorOptions } from './options.js';

type SimulatorThread = { url: string; close(): Promise<void> };

export async function startSimulatorThread(stepMs: number): Promise<SimulatorThread> {
  // No control routes: every local process can reach the port.
  const workerData = { ...demoModels, stepMs, control: false } satisfies SimulatorOptions;
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
  // With `node --watch` a thread also posts the files that it loaded.
  for await (const [message] of on(worker, 'message', { close: ['exit'] })) {
    const { url } = message as { url?: unknown };
    if (typeof url === 'string') return url;
  }
  throw new Error('The simulator thread exited before it was ready');
}
