/** What the server adds to one job on an idle backend: from the creation until a subscriber sees COMPLETED. */
import { startBoth } from '../../support/comfyui/jobs.mjs';
import { connectForJobs } from '../../support/comfyui/one-job.mjs';
import { ms } from '../../support/table/format.mjs';
import { added } from '../../support/table/row.mjs';
import { alternate, at } from '../../support/table/statistics.mjs';

export async function measure({ rounds, isQuick }) {
  const count = isQuick ? 20 : 60;
  const { server, user, script, graph, close } = await startBoth();
  const jobs = connectForJobs(server.url, user.token);
  const p95 = { ours: [], limit: [], durable: [] };
  const take = (side, taken) => {
    p95[side].push(at(taken, 0.95));
    return at(taken, 0.5);
  };
  const p50 = await alternate(
    {
      async ours() {
        const taken = [];
        for (let nth = 0; nth < count; nth += 1) taken.push(await jobs.run());
        return take('ours', taken);
      },
      async limit() {
        const { taken } = await script.call('run', { graph, count, depth: 1 });
        return take('limit', taken);
      },
      async durable() {
        const { taken } = await script.call('run', { graph, count, depth: 1, isDurable: true });
        return take('durable', taken);
      },
    },
    rounds,
  );
  await jobs.dispose();
  await close();
  const toDurable = ({ ours, durable }) => ({ ours, limit: durable });
  return [
    added('one job on an idle backend, create to COMPLETED seen, p50', p50, ms),
    added('… to a durable script', toDurable(p50), ms),
    added('one job on an idle backend, create to COMPLETED seen, p95', p95, ms),
    added('… to a durable script', toDurable(p95), ms),
  ];
}
