/** One run: a world, people at work in it, faults; then peace, and a judgement of what is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestTimings } from '../support/timings.js';
import { until } from '../support/until.js';
import { evidenceOf } from './evidence.js';
import { dealFaults } from './faults.js';
import { type Judgement, judge, type Violation } from './judge.js';
import { Load } from './load.js';
import type { ChaosOptions } from './options.js';
import { judgePictures } from './pictures.js';
import { Random } from './random.js';
import { readRecords } from './records.js';
import { Tally } from './tally.js';
import { openWorld, type World } from './world.js';

export type Outcome = Judgement & {
  options: ChaosOptions;
  tally: Tally;
  adopted: number;
  watched: { ends: number; reconnects: number };
  /** How often a server answered that something went wrong inside it. */
  maskedErrors: number;
  seconds: number;
  /** Of each violation that names a generation: what the API, the journals and the logs say of it. */
  evidence: Map<string, string>;
};

/** For a takeover after a lease, a cancel that a backend never confirms, and backends that come back late. */
const QUIET_PATIENCE_MS = 240_000;
const SWEEP_PATIENCE_MS = 20_000;

export type Listening = {
  say?: (line: string) => void;
  /** Ends the run early, with nothing left behind: it then rejects. */
  signal?: AbortSignal;
};

export type Running = Listening & {
  /** Of the servers; those of production, unless told. */
  timings?: TestTimings;
};

export async function runChaos(options: ChaosOptions, running: Running = {}): Promise<Outcome> {
  const { say = () => {}, signal = new AbortController().signal, timings } = running;
  const startedAt = Date.now();
  const random = new Random(options.seed);
  const world = await openWorld(options, random.fork(), timings);
  const load = new Load(world, random.fork());
  let tally: Tally | undefined;
  try {
    tally = await Tally.open(world.databaseUrl);
    await load.open(options.users);
    say(`${options.replicas} servers, ${options.backends} backends, ${options.users} users, seed ${options.seed}`);
    await until(() => load.isAtWork, 'everybody has asked for something');
    await dealFaults(world, random.fork(), tally, options, say, signal);
    say(`${tally.kills} kills; now there is peace`);
    load.stop();
    const found = [...(await comeToRest(world, load, signal))];
    const judged = await judgeAll(world, load, found);
    return {
      ...judged,
      options,
      tally,
      watched: watchedBy(load),
      maskedErrors: world.maskedErrors,
      seconds: Math.round((Date.now() - startedAt) / 1000),
    };
  } finally {
    load.abort();
    await tally?.close();
    await world.close();
  }
}

function watchedBy({ creations }: Load): Outcome['watched'] {
  const watchers = creations.flatMap(({ watcher }) => watcher ?? []);
  return {
    ends: watchers.filter(({ isDone }) => isDone).length,
    reconnects: watchers.reduce((sum, { connections }) => sum + Math.max(0, connections - 1), 0),
  };
}

/** Everything is healed and up; then nothing moves any more, or what does is at fault. */
async function comeToRest(world: World, load: Load, signal: AbortSignal): Promise<Violation[]> {
  const found: Violation[] = [];
  await Promise.all([...world.backends, ...world.replicas].map((slot) => slot.ready()));
  for (const backend of world.backends) await backend.heal();
  const comes = async (what: () => Promise<boolean> | boolean): Promise<boolean> => {
    for (
      const deadline = Date.now() + QUIET_PATIENCE_MS;
      Date.now() < deadline;
      await sleep(250, undefined, { signal })
    )
      if (await what()) return true;
    return false;
  };
  // Those that are stuck are named by what the API shows of them.
  await comes(async () => (await load.unfinished()) === 0);
  if (!(await comes(() => load.isIdle)))
    found.push({ kind: 'watchers', what: 'somebody still waits for an end or an answer' });
  const isEmpty = async () =>
    (await Promise.all(world.backends.map((backend) => backend.load()))).every((load) => load === 0);
  if (!(await comes(isEmpty))) found.push({ kind: 'others', what: 'a backend still has prompts' });
  return found;
}

async function judgeAll(world: World, load: Load, found: Violation[]) {
  await sweep(world);
  const freezes = world.replicas.flatMap((replica) => replica.freezes);
  const deaths = world.replicas.flatMap(({ endings }) =>
    endings.filter(({ how }) => how === 'SIGKILL').map(({ at }) => at),
  );
  const { backends } = world;
  const gaps = new Map(backends.map(({ address, gaps }) => [address, gaps]));
  const failures = new Map(backends.map(({ address, failures }) => [address, failures]));
  const rarities = new Map(backends.map(({ address, rarities }) => [address, rarities]));
  const strangers = new Set(backends.flatMap((backend) => [...backend.strangers]));
  const isTakenBack = (promptId: string) =>
    world.replicas.some((replica) => replica.linesWith(promptId).some((line) => line.includes('is taken back')));
  let records = await readRecords(world, load.users);
  const url = await (world.replicas[0] as World['replicas'][number]).ready();
  let pictures = await judgePictures(records, url);
  for (const deadline = Date.now() + SWEEP_PATIENCE_MS; pictures.length > 0 && Date.now() < deadline; ) {
    await sleep(1_000);
    records = await readRecords(world, load.users);
    pictures = await judgePictures(records, url);
  }
  const { creations } = load;
  const judgement = judge({
    creations,
    records,
    freezes,
    deaths,
    gaps,
    failures,
    rarities,
    strangers,
    isTakenBack,
  });
  const slots = [...world.replicas, ...world.backends];
  const violations: Violation[] = [
    ...found,
    ...judgement.violations,
    ...pictures,
    ...load.faults.map((what) => ({ kind: 'others' as const, what })),
    ...slots.flatMap(({ faults }) => faults.map((what) => ({ kind: 'others' as const, what }))),
  ];
  const evidence = new Map<string, string>();
  for (const { id } of violations) if (id !== undefined) evidence.set(id, evidenceOf(id, world, records));
  return { ...judgement, violations, evidence, adopted: records.adopted };
}

/** Servers sweep as they start: what was left behind has to be gone then. */
async function sweep(world: World): Promise<void> {
  await Promise.all(
    world.replicas.map(async (replica) => {
      await replica.terminate();
      await replica.ready();
    }),
  );
}
