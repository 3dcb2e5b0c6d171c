/** The simulator in a worker thread: its options are the thread's data, its address the first message, `close` ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { startSimulator } from './index.js';
import type { SimulatorOptions } from './options.js';

const simulator = await startSimulator((workerData ?? {}) as SimulatorOptions);

parentPort?.postMessage({ url: simulator.url });
parentPort?.on('message', (message: unknown) => {
  if (message === 'close') void simulator.close().then(() => parentPort?.close());
});
