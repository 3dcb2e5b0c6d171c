/**
 * How long the studio takes from an input until the next frame: with 10,000 generations in the list and ten that run with previews, against
 * the same inputs with 20 generations of a user of whom nothing runs.
 */
import { ask, signUp, until } from '../../support/api.mjs';
import { startProcess } from '../../support/process/process.mjs';
import { startServer } from '../../support/process/server.mjs';
import { multiply } from '../../support/studio/gallery.mjs';
import { interact } from '../../support/studio/interactions.mjs';
import { openStudio } from '../../support/studio/page.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { at } from '../../support/table/statistics.mjs';

const FEW = 20;
const RUNNING = 10;
/** Each step brings a preview. */
const STEP_MS = '1000';
const STEPS = 150;
const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const RUNS = '{ generations(first: 20, filter: { status: [PROCESSING] }) { totalCount } }';

export async function measure({ isQuick, isVerbose }) {
  const many = isQuick ? 1_000 : 10_000;
  const simulators = await Promise.all(
    Array.from({ length: RUNNING }, () =>
      startProcess('dist/simulator/main.js', {
        env: { SIMULATOR_PORT: '0', SIMULATOR_STEP_MS: STEP_MS },
        readyLine: /ComfyUI simulator: (\S+)/,
      }),
    ),
  );
  const server = await startServer({ COMFYUI_URL: simulators.map(({ url }) => url).join() });
  const create = (user, input) => ask(server.url, CREATE, { ...user, variables: { input } });
  const users = {
    ours: await signUp(server.url, 'many@example.com'),
    limit: await signUp(server.url, 'few@example.com'),
  };
  const counts = { ours: many, limit: FEW };
  for (const [side, user] of Object.entries(users)) await multiply(server, user, counts[side], create);
  for (let nth = 0; nth < RUNNING; nth += 1) await create(users.ours, { prompt: `running ${nth}`, steps: STEPS });
  await until(
    async () => (await ask(server.url, RUNS, users.ours)).generations.totalCount === RUNNING,
    `${RUNNING} generations run`,
  );

  const taken = {};
  for (const [side, user] of Object.entries(users)) {
    const { page, close } = await openStudio(server.url, user, counts[side] + (side === 'ours' ? RUNNING : 0));
    taken[side] = await interact(page);
    await close();
  }
  for (const process of [server, ...simulators]) await process.close();
  const what = `the studio with ${many.toLocaleString('en')} generations, ${RUNNING} running: an input until the next frame`;
  const row = (name, of) => compare(`${what}, ${name}`, { ours: [of(taken.ours)], limit: [of(taken.limit)] }, ms, true);
  const all = (side) => Object.values(side).flat();
  const worst = (side) => Math.max(...all(side));
  if (isVerbose) console.table(taken.ours);
  return [row('p95', (side) => at(all(side), 0.95)), row('the longest', worst)];
}
