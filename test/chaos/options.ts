/** How a run is told what to do. */
import { parseArgs } from 'node:util';

export type ChaosOptions = {
  /** Processes that are killed or stopped, and restarts of backends, until it is enough. */
  kills: number;
  seed: number;
  /** Servers that share the database and the pictures. */
  replicas: number;
  /** Simulated ComfyUI servers. */
  backends: number;
  /** How often a server is stopped for longer than its leases last, and woken. */
  freezes: number;
  /** How often a backend fails every prompt at once for a while. */
  failing: number;
  /** How often the worker of a backend dies and leaves the rest of it running. */
  dead: number;
  /** How many backends have what the others lack. */
  unlike: number;
  /** How often a clock steps, by up to an hour, and back again: a server's, PostgreSQL's, or all. */
  steps: number;
  users: number;
  /**
   * Between two faults, at the most, in milliseconds: work has to get on between them. Nothing that has ended stays away for longer, where
   * that is the test's to say.
   */
  pause: number;
};

export const DEFAULTS: ChaosOptions = {
  kills: 60,
  seed: 0,
  replicas: 2,
  backends: 2,
  freezes: 2,
  failing: 2,
  dead: 1,
  unlike: 1,
  steps: 2,
  users: 4,
  pause: 3_000,
};
const LEAST: ChaosOptions = {
  kills: 0,
  seed: 0,
  replicas: 1,
  backends: 1,
  freezes: 0,
  failing: 0,
  dead: 0,
  unlike: 0,
  steps: 0,
  users: 1,
  pause: 0,
};
/** While one backend does this another has to be well. */
const NEEDS_ANOTHER = ['failing', 'dead', 'unlike'] as const;
/** What Random can be told; more than enough of everything else. */
const MOST = 2 ** 32 - 1;

const names = Object.keys(DEFAULTS) as (keyof ChaosOptions)[];

/** @throws Error that says which option is wrong */
export function readOptions(args: readonly string[]): ChaosOptions {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const drawn = { ...DEFAULTS, seed: Math.floor(Math.random() * MOST) };
  for (const name of names) {
    const text = values[name];
    if (text === undefined) continue;
    const value = Number(text);
    if (text === '' || !Number.isInteger(value) || value < LEAST[name] || value > MOST)
      throw new Error(`--${name} has to be a whole number from ${LEAST[name]}: ${text}`);
    drawn[name] = value;
  }
  for (const name of NEEDS_ANOTHER) {
    if (drawn.backends > 1) break;
    if (Number(values[name] ?? 0) > 0) throw new Error(`--${name} needs at least two backends: --backends 2`);
    drawn[name] = 0;
  }
  if (drawn.unlike > drawn.backends)
    throw new Error(`--unlike has to be at most the number of backends: ${drawn.unlike} of ${drawn.backends}`);
  return drawn;
}
