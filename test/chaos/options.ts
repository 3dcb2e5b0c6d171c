/** The options of a run and their command line. */
import { parseArgs } from 'node:util';

export type ChaosOptions = {
  /** How many processes are killed, stopped or restarted. */
  kills: number;
  seed: number;
  /** Servers that share the database and the pictures. */
  replicas: number;
  /** Simulated ComfyUI servers. */
  backends: number;
  /** How often a server is frozen for longer than its leases. */
  freezes: number;
  /** How often a backend fails every prompt at once for a while. */
  failing: number;
  /** How often a backend's worker dies while the backend keeps responding. */
  dead: number;
  /** How many backends have features that the others lack. */
  unlike: number;
  /** How often a clock steps by up to an hour and back: a server's, PostgreSQL's, or all. */
  steps: number;
  users: number;
  /**
   * Maximum pause between two faults, in milliseconds, in which generations make progress. It also limits the delay of restarts.
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
/** These need a second backend that works. */
const NEEDS_ANOTHER = ['failing', 'dead', 'unlike'] as const;
/** The largest seed of Random. */
const MOST = 2 ** 32 - 1;

const names = Object.keys(DEFAULTS) as (keyof ChaosOptions)[];

/** @throws Error that names the invalid option */
export function readOptions(args: readonly string[]): ChaosOptions {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const drawn = { ...DEFAULTS, seed: Math.floor(Math.random() * MOST) };
  for (const name of names) {
    const text = values[name];
    if (text === undefined) continue;
    const value = Number(text);
    if (text === '' || !Number.isInteger(value) || value < LEAST[name] || value > MOST)
      throw new Error(`--${name} must be a whole number of at least ${LEAST[name]}, not ${text}`);
    drawn[name] = value;
  }
  for (const name of NEEDS_ANOTHER) {
    if (drawn.backends > 1) break;
    if (Number(values[name] ?? 0) > 0) throw new Error(`--${name} needs at least two backends: --backends 2`);
    drawn[name] = 0;
  }
  if (drawn.unlike > drawn.backends)
    throw new Error(`--unlike must be at most the number of backends, ${drawn.backends}, not ${drawn.unlike}`);
  return drawn;
}
