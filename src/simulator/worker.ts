/** The simulator in a worker thread. `workerData` holds the options; the first message is the address; `close` stops it. */
import { parentPort, workerData } from 'node:worker_threads';
import { startSimulator } from './index.js';
import type { SimulatorOptions } from './options.js';

const simulator = await startSimulator((workerData ?? {}) as SimulatorOptions);

parentPort?.postMessage({ url: simulator.url });
parentPort?.on('message', (message: unknown) => {
  if (message === 'close') void simulator.close().then(() => parentPort?.close());
});
