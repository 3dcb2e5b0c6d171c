/** What the server adds to one job on an idle backend: from the creation until a subscriber sees COMPLETED. */
import { connect } from '../../support/api.mjs';
import { CREATE, INPUT, startBoth } from '../../support/comfyui/jobs.mjs';
import { ms } from '../../support/table/format.mjs';
import { added } from '../../support/table/row.mjs';
import { alternate, at } from '../../support/table/statistics.mjs';

const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { status } }';

export async function measure({ rounds, isQuick }) {
  const count = isQuick ? 20 : 60;
  const { server, user, script, graph, close } = await startBoth();
  const client = connect(server.url, user.token);
  const all = (query, variables) =>
    new Promise((resolve, reject) => {
      const results = [];
      const complete = () => resolve(results);
      client.subscribe({ query, variables }, { next: (result) => results.push(result), error: reject, complete });
    });
  const job = async () => {
    const start = performance.now();
    const [{ data }] = await all(CREATE, { input: INPUT });
    const events = await all(WATCH, { id: data.createGeneration.id });
    const last = events.at(-1)?.data?.generationUpdated.status;
    if (last !== 'COMPLETED') throw new Error(`a generation ended as ${last}`);
    return performance.now() - start;
  };
  const p95 = { ours: [], limit: [] };
  const take = (side, taken) => {
    p95[side].push(at(taken, 0.95));
    return at(taken, 0.5);
  };
  const p50 = await alternate(
    {
      async ours() {
        const taken = [];
        for (let nth = 0; nth < count; nth += 1) taken.push(await job());
        return take('ours', taken);
      },
      async limit() {
        const { taken } = await script.call('run', { graph, count, depth: 1 });
        return take('limit', taken);
      },
    },
    rounds,
  );
  await client.dispose();
  await close();
  return [
    added('one job on an idle backend, create to COMPLETED seen, p50', p50, ms),
    added('one job on an idle backend, create to COMPLETED seen, p95', p95, ms),
  ];
}
