/** One chaos run: starts a cluster and its workload, injects faults, waits for quiet and checks the results. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestTimings } from '../support/timings.js';
import { until } from '../support/until.js';
import { checkPictures } from './check-pictures.js';
import { type Cluster, openCluster } from './cluster.js';
import { evidenceOf } from './evidence.js';
import { FaultCounts } from './fault-counts.js';
import { injectFaults } from './inject-faults.js';
import type { ChaosOptions } from './options.js';
import { Random } from './random.js';
import { readRecords } from './records.js';
import { type Verdict, type Violation, verdictOn } from './verdict.js';
import { Workload } from './workload.js';

export type Outcome = Verdict & {
  options: ChaosOptions;
  counts: FaultCounts;
  adopted: number;
  watched: { ends: number; reconnects: number };
  /** How many responses were INTERNAL_SERVER_ERROR. */
  maskedErrors: number;
  seconds: number;
  /** Evidence by generation: what the API, the journals and the logs contain about each violation. */
  evidence: Map<string, string>;
};

/** Covers a takeover after a lease, a cancel that is never confirmed, and backends that return late. */
const QUIET_TIMEOUT_MS = 240_000;
const SWEEP_TIMEOUT_MS = 60_000;

export type RunCallbacks = {
  log?: (line: string) => void;
  /** Aborts the run: it cleans up and rejects. */
  signal?: AbortSignal;
};

export type RunSettings = RunCallbacks & {
  /** The servers' timings; by default those of production. */
  timings?: TestTimings;
};

export async function runChaos(options: ChaosOptions, running: RunSettings = {}): Promise<Outcome> {
  const { log = () => {}, signal = new AbortController().signal, timings } = running;
  const startedAt = Date.now();
  const random = new Random(options.seed);
  const cluster = await openCluster(options, random.fork(), { timings });
  const load = new Workload(cluster, random.fork());
  let counts: FaultCounts | undefined;
  try {
    counts = await FaultCounts.open(cluster.databaseUrl);
    await load.open(options.users);
    log(`${options.replicas} servers, ${options.backends} backends, ${options.users} users, seed ${options.seed}`);
    await until(() => load.hasStarted, 'every user to have a generation');
    await injectFaults(cluster, random.fork(), counts, options, log, signal);
    log(`${counts.kills} kills; no more faults`);
    load.stop();
    const found = [...(await waitForQuiet(cluster, load, signal))];
    const verdict = await collectVerdict(cluster, load, found);
    return {
      ...verdict,
      options,
      counts,
      watched: watchedBy(load),
      maskedErrors: cluster.maskedErrors,
      seconds: Math.round((Date.now() - startedAt) / 1000),
    };
  } finally {
    load.abort();
    await counts?.close();
    await cluster.close();
  }
}

function watchedBy({ creations }: Workload): Outcome['watched'] {
  const watchers = creations.flatMap(({ watcher }) => watcher ?? []);
  return {
    ends: watchers.filter(({ isDone }) => isDone).length,
    reconnects: watchers.reduce((sum, { connections }) => sum + Math.max(0, connections - 1), 0),
  };
}

/** Heals all processes and waits until nothing is unfinished. Returns what does not finish. */
async function waitForQuiet(cluster: Cluster, load: Workload, signal: AbortSignal): Promise<Violation[]> {
  const found: Violation[] = [];
  await Promise.all([...cluster.backends, ...cluster.replicas].map((process) => process.ready()));
  for (const backend of cluster.backends) await backend.heal();
  const becomesTrue = async (what: () => Promise<boolean> | boolean): Promise<boolean> => {
    for (const deadline = Date.now() + QUIET_TIMEOUT_MS; Date.now() < deadline; await sleep(250, undefined, { signal }))
      if (await what()) return true;
    return false;
  };
  // Stuck generations are reported later, from the API's records.
  await becomesTrue(async () => (await load.unfinished()) === 0);
  if (!(await becomesTrue(() => load.isIdle)))
    found.push({ kind: 'watchers', what: 'a watcher or request is still waiting' });
  const isEmpty = async () =>
    (await Promise.all(cluster.backends.map((backend) => backend.load()))).every((load) => load === 0);
  if (!(await becomesTrue(isEmpty))) found.push({ kind: 'others', what: 'a backend still has prompts' });
  return found;
}

async function collectVerdict(cluster: Cluster, load: Workload, found: Violation[]) {
  await restartServers(cluster);
  const freezes = cluster.replicas.flatMap((replica) => replica.freezes);
  const deaths = cluster.replicas.flatMap(({ exits }) =>
    exits.filter(({ how }) => how === 'SIGKILL').map(({ at }) => at),
  );
  const { backends } = cluster;
  const unarmed = new Map(backends.map(({ address, unarmed }) => [address, unarmed]));
  const failures = new Map(backends.map(({ address, failures }) => [address, failures]));
  const features = new Map(backends.map(({ address, features }) => [address, features]));
  const strangers = new Set(backends.flatMap((backend) => [...backend.strangers]));
  const hasLogged = (text: string) => (promptId: string) =>
    cluster.replicas.some((replica) => replica.linesWith(promptId).some((line) => line.includes(text)));
  let records = await readRecords(cluster, load.users);
  const url = await (cluster.replicas[0] as Cluster['replicas'][number]).ready();
  let pictures = await checkPictures(records, url);
  for (const deadline = Date.now() + SWEEP_TIMEOUT_MS; pictures.length > 0 && Date.now() < deadline; ) {
    await sleep(1_000);
    records = await readRecords(cluster, load.users);
    pictures = await checkPictures(records, url);
  }
  const { creations } = load;
  const verdict = verdictOn({
    creations,
    records,
    freezes,
    deaths,
    unarmed,
    failures,
    features,
    strangers,
    isTakenBack: hasLogged('after another process had taken the job'),
    isRetried: hasLogged('backend failed; '),
  });
  const processes = [...cluster.replicas, ...cluster.backends];
  const violations: Violation[] = [
    ...found,
    ...verdict.violations,
    ...pictures,
    ...load.faults.map((what) => ({ kind: 'others' as const, what })),
    ...processes.flatMap(({ faults }) => faults.map((what) => ({ kind: 'others' as const, what }))),
  ];
  const evidence = new Map<string, string>();
  for (const { id } of violations) if (id !== undefined) evidence.set(id, evidenceOf(id, cluster, records));
  return { ...verdict, violations, evidence, adopted: records.adopted };
}

/** A start removes what killed processes left, so that a run does not end in the middle of it. */
async function restartServers(cluster: Cluster): Promise<void> {
  await Promise.all(
    cluster.replicas.map(async (replica) => {
      await replica.terminate();
      await replica.ready();
    }),
  );
}
