/**
 * For any order of users' actions and faults: every requested generation exists, ends once and has the requested outcome. MODEL_RUNS
 * is the number of random orders. A failure prints its commands, seed and path; MODEL_SEED and MODEL_PATH repeat it.
 *
 * @slow: starts and kills servers as processes.
 */
import fc from 'fast-check';
import { Cluster } from './cluster.js';
import { arbitraryCommands, type Model, type Real, settle } from './commands.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 4);
const { MODEL_SEED, MODEL_PATH } = process.env;
const REPLAYED = MODEL_SEED && MODEL_PATH ? { seed: Number(MODEL_SEED), path: MODEL_PATH } : {};
const MAX_COMMANDS = 40;
/** Time for one run: several kills, each followed by a start. */
const RUN_MS = 120_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.open();
});
afterAll(() => cluster?.close());

test(
  'promises hold in any order of creating, canceling, deleting, watching and killing',
  async () => {
    const property = fc.asyncProperty(
      fc.commands(arbitraryCommands, { maxCommands: MAX_COMMANDS, size: 'max' }),
      async (commands) => {
        const [alice, bob] = [await cluster.newUser(), await cluster.newUser()];
        const model: Model = { generations: [], isHeld: false };
        const real: Real = { cluster, alice, bob };
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await settle(model, real);
        for (const { subscriptions } of model.generations)
          for (const subscription of subscriptions) subscription.leave();
        const { prompts, globalInterrupts } = await cluster.simulator.journal();
        expect(Object.entries(prompts).filter(([, { executed }]) => executed > 1)).toEqual([]);
        expect(globalInterrupts).toBe(0);
      },
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true, includeErrorInReport: true, ...REPLAYED });
  },
  RUNS * RUN_MS,
);
