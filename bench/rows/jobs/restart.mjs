/** kill -9 with 100 running and 1,000 queued generations: until the next server follows all of them. */
import { ask, until } from '../../support/api.mjs';
import { createMany, startServerWithStub } from '../../support/comfyui/jobs.mjs';
import { seconds } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate } from '../../support/table/statistics.mjs';

const BACKENDS = 50;
const RUNNING = 100;
const QUEUED = 1_000;
const PAGE =
  '{ waiting: generations(filter: { status: [PENDING] }) { totalCount } on: generations(first: 100, filter: { status: [PROCESSING] }) { nodes { progress { updatedAt } backend { name } } } }';

export async function measure({ isQuick }) {
  const { stub, server, user } = await startServerWithStub(BACKENDS);
  await stub.call('begin', null);
  await createMany(server.url, user, RUNNING + QUEUED);
  const state = ({ url }) => ask(url, PAGE, user);
  await until(async () => {
    const { waiting, on } = await state(server);
    return on.nodes.length === RUNNING && waiting.totalCount === QUEUED;
  }, 'all places are taken');

  let running = server;
  /** The start alone, until the process accepts requests. */
  const limits = [];
  const measured = await alternate(
    {
      /** A job is followed again when a message that ComfyUI sent after the restart has moved its progress. */
      async ours() {
        const killedAt = Date.now();
        await running.kill();
        const start = performance.now();
        running = await server.restart();
        const startedMs = performance.now() - start;
        await until(async () => {
          await stub.call('step');
          const { waiting, on } = await state(running);
          const moved = on.nodes.filter(({ progress }) => progress && Date.parse(progress.updatedAt) > killedAt);
          return moved.length >= RUNNING / 2 && on.nodes.length === RUNNING && waiting.totalCount === QUEUED;
        }, 'all are adopted');
        limits.push(startedMs);
        return performance.now() - start;
      },
    },
    isQuick ? 1 : 3,
  );
  await running.close();
  await stub.close();
  return [
    compare(
      'restart after kill -9 with 100 running and 1,000 queued: all adopted',
      { ours: measured.ours, limit: limits },
      seconds,
      true,
    ),
  ];
}
