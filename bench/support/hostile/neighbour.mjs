/** Requests `{ __typename }` repeatedly, in its own thread, so that the attacker's own work does not count as the server's. */
import { parentPort, workerData } from 'node:worker_threads';

let isAsking = false;
parentPort.on('message', async (word) => {
  isAsking = word === 'start';
  if (!isAsking) return;
  let slowest = 0;
  while (isAsking) {
    const start = performance.now();
    const answer = await fetch(`${workerData}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    });
    await answer.text();
    slowest = Math.max(slowest, performance.now() - start);
  }
  parentPort.postMessage(slowest);
});
