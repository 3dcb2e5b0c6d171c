/**
 * The simulator as a process of its own, configured by the environment: SIMULATOR_HOST, SIMULATOR_PORT, SIMULATOR_STEP_MS,
 * SIMULATOR_CHECKPOINTS and SIMULATOR_SAMPLERS (comma-separated names), SIMULATOR_VERSION (0.3.64, 0.8.0 or 0.33.0),
 * SIMULATOR_DIRECTORY, SIMULATOR_JOURNAL (a file) and SIMULATOR_CONTROL (1 enables the routes under `/simulator`). Prints its
 * address and exits on SIGINT or SIGTERM.
 */
import { demoModels } from './demo-models.js';
import { startSimulator } from './index.js';
import { VERSIONS } from './version.js';

const { env } = process;
const list = (text: string | undefined) =>
  text
    ?.split(',')
    .map((each) => each.trim())
    .filter(Boolean);
const checkpoints = list(env.SIMULATOR_CHECKPOINTS);
const samplers = list(env.SIMULATOR_SAMPLERS);

function number(name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number, not ${text}`);
  return Number(text);
}

const version = VERSIONS.find((each) => each === env.SIMULATOR_VERSION);

const stepMs = number('SIMULATOR_STEP_MS');

const DEFAULT_PORT = 8188;

const simulator = await startSimulator({
  ...demoModels,
  host: env.SIMULATOR_HOST ?? '127.0.0.1',
  port: number('SIMULATOR_PORT') ?? DEFAULT_PORT,
  control: env.SIMULATOR_CONTROL === '1',
  ...(stepMs !== undefined && { stepMs }),
  ...(version && { version }),
  ...(env.SIMULATOR_DIRECTORY && { directory: env.SIMULATOR_DIRECTORY }),
  ...(env.SIMULATOR_JOURNAL && { journal: env.SIMULATOR_JOURNAL }),
  ...(checkpoints && { checkpoints }),
  ...(samplers && { samplers }),
});

process.stdout.write(`ComfyUI simulator: ${simulator.url}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
