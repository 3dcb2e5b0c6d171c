/** Asks for `{ __typename }` all the while, in a thread of its own: what the attacker's side takes is not the server's. */
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
