/**
 * Whatever users do and whatever breaks, in whatever order: what was asked for is there, ends once, and is what was wanted of it.
 * MODEL_RUNS chooses how many orders are tried. A failure prints its seed and path, which MODEL_SEED and MODEL_PATH try again, and the
 * commands that led there.
 *
 * @slow: starts and kills servers as processes.
 */
import fc from 'fast-check';
import { arbitraryCommands, type Model, type Real, settle } from './commands.js';
import { World } from './world.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 4);
const { MODEL_SEED, MODEL_PATH } = process.env;
const REPLAYED = MODEL_SEED && MODEL_PATH ? { seed: Number(MODEL_SEED), path: MODEL_PATH } : {};
const MAX_COMMANDS = 40;
/** Of one run: several kills, each followed by a start. */
const RUN_MS = 120_000;

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world?.close());

test(
  'in any order of asking, stopping, deleting, watching and dying',
  async () => {
    const property = fc.asyncProperty(
      fc.commands(arbitraryCommands, { maxCommands: MAX_COMMANDS, size: 'max' }),
      async (commands) => {
        const [alice, bob] = [await world.newUser(), await world.newUser()];
        const model: Model = { generations: [], isHeld: false };
        const real: Real = { world, alice, bob };
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await settle(model, real);
        for (const { watchings } of model.generations) for (const watching of watchings) watching.leave();
        const { prompts, globalInterrupts } = await world.simulator.journal();
        expect(Object.entries(prompts).filter(([, { executed }]) => executed > 1)).toEqual([]);
        expect(globalInterrupts).toBe(0);
      },
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true, includeErrorInReport: true, ...REPLAYED });
  },
  RUNS * RUN_MS,
);
