/** The options of a storm and their command line. */
import { parseArgs } from 'node:util';

export const STORAGES = ['disk', 's3'] as const;

export type StormOptions = {
  storage: (typeof STORAGES)[number];
  /** What users do, and kills. */
  acts: number;
  seed: number;
  /** Servers that share the database and the storage. */
  replicas: number;
  /** Simulated ComfyUI servers. */
  backends: number;
  /** Accounts that exist at the same time. */
  accounts: number;
  /** How many acts run at once. */
  hands: number;
};

export const DEFAULTS: StormOptions = {
  storage: 'disk',
  acts: 2_000,
  seed: 0,
  replicas: 2,
  backends: 2,
  accounts: 4,
  hands: 8,
};
/** The largest seed of Random. */
const MAX_SEED = 2 ** 32 - 1;

const NUMBERS = ['acts', 'seed', 'replicas', 'backends', 'accounts', 'hands'] as const;

/** @throws Error that names the invalid option */
export function readOptions(args: readonly string[]): StormOptions {
  const options = Object.fromEntries(['storage', ...NUMBERS].map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const drawn = { ...DEFAULTS, seed: Math.floor(Math.random() * MAX_SEED) };
  const storage = STORAGES.find((each) => each === (values.storage ?? DEFAULTS.storage));
  if (!storage) throw new Error(`--storage must be one of ${STORAGES.join(', ')}, not ${values.storage}`);
  drawn.storage = storage;
  for (const name of NUMBERS) {
    const text = values[name];
    if (text === undefined) continue;
    const least = name === 'seed' ? 0 : 1;
    const value = Number(text);
    if (text === '' || !Number.isInteger(value) || value < least || value > MAX_SEED)
      throw new Error(`--${name} must be a whole number of at least ${least}, not ${text}`);
    drawn[name] = value;
  }
  return drawn;
}
