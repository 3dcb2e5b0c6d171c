/** Jobs through a backend that takes no time. */

import { createMany, startBoth, untilCounted, untilEnded } from '../../support/comfyui/jobs.mjs';
import { perSecond } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate } from '../../support/table/statistics.mjs';

/** As many prompts as the server keeps in the queue of a backend. */
const DEPTH = 2;

export async function measure({ rounds, isQuick }) {
  const count = isQuick ? 60 : 200;
  const { server, user, stub, script, graph, close } = await startBoth();
  const measured = await alternate(
    {
      /** By the stub's clock, from the first start to the last end, after the queue has been filled. */
      async ours() {
        await stub.call('begin', null);
        await createMany(server.url, user, count);
        await stub.call('begin', 0);
        await untilCounted(stub, count);
        await untilEnded(server.url, user);
        const { count: ended, spanMs } = await stub.call('counted');
        return (ended / spanMs) * 1_000;
      },
      limit: () => rateOf(script, { graph, count: count * 5, depth: DEPTH }),
      durable: () => rateOf(script, { graph, count: count * 2, depth: DEPTH, isDurable: true }),
    },
    rounds,
  );
  await close();
  return [
    compare('jobs through a backend that takes no time', measured, perSecond),
    compare('… to a durable script', { ours: measured.ours, limit: measured.durable }, perSecond),
  ];
}

async function rateOf(script, options) {
  const { totalMs } = await script.call('run', options);
  return (options.count * 1_000) / totalMs;
}
