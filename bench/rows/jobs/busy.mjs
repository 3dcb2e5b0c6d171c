/** How much of its time a backend is busy while jobs of 50 ms wait for it. */
import { createMany, startBoth, untilCounted, untilEnded } from '../../support/comfyui/jobs.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate } from '../../support/table/statistics.mjs';

const JOB_MS = 50;
const DEPTH = 2;
const percent = (value) => `${(value * 100).toFixed(0)} %`;

export async function measure({ isQuick }) {
  const count = isQuick ? 60 : 200;
  const { server, user, stub, script, scriptStub, graph, close } = await startBoth();
  const busy = async (side) => {
    const { busyMs, spanMs } = await side.call('counted');
    return busyMs / spanMs;
  };
  const measured = await alternate(
    {
      async ours() {
        await stub.call('begin', null);
        await createMany(server.url, user, count);
        await stub.call('begin', JOB_MS);
        await untilCounted(stub, count);
        await untilEnded(server.url, user);
        return busy(stub);
      },
      async limit() {
        await scriptStub.call('begin', JOB_MS);
        await script.call('run', { graph, count, depth: DEPTH });
        return busy(scriptStub);
      },
    },
    isQuick ? 1 : 3,
  );
  await close();
  return [compare(`a backend is busy with ${count} queued jobs of ${JOB_MS} ms`, measured, percent)];
}
