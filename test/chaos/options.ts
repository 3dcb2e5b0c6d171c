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
  users: number;
  /**
   * Between two faults, at the most, in milliseconds: work has to get on between them. Nothing that has ended stays away for longer, where
   * that is the test's to say.
   */
  pause: number;
};

const DEFAULTS: ChaosOptions = { kills: 60, seed: 0, replicas: 2, backends: 2, freezes: 2, users: 4, pause: 3_000 };
const LEAST: ChaosOptions = { kills: 0, seed: 0, replicas: 1, backends: 1, freezes: 0, users: 1, pause: 0 };
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
  return drawn;
}
