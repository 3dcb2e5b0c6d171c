/**
 * One storm: accounts create, share, view and delete at random while servers, ComfyUIs and the object store are killed. At the end the
 * storage has exactly the files of rows, and nothing of what was deleted.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskStorage } from '../../../src/storage/open-storage.js';
import { picture } from '../../assets/uploads/support.js';
import { type Receiver, startReceiver } from '../../deliveries/receiver.js';
import { createWebhook, LOOPBACK } from '../../deliveries/support.js';
import { dataOf } from '../../generations/support.js';
import { ADMIN_EMAIL } from '../../support/app.js';
import type { TestTimings } from '../../support/timings.js';
import { type Cluster, openCluster } from '../cluster.js';
import { Random } from '../random.js';
import type { SupervisedProcess } from '../supervised-process.js';
import { type Account, openAccount } from './account.js';
import { ACTS } from './acts.js';
import { type Findings, judge } from './judge.js';
import { ObjectStore } from './object-store.js';
import type { StormOptions } from './options.js';

export type StormOutcome = Findings & {
  options: StormOptions;
  /** How often each act was done, and each kind of process killed. */
  acts: Map<string, number>;
  /** By the status of the response. */
  fetched: Map<string, number>;
  accounts: number;
  seconds: number;
};

const KILL = 'kill -9 of a';
const DELETE_ACCOUNT = 'delete an account';
/** Beside those of ACTS. */
const KILL_WEIGHT = 4;
const DELETE_ACCOUNT_WEIGHT = 1;
const LONGEST_PAUSE_MS = 150;
const PICTURES = 4;
/** What an act may be refused with: another one has deleted what it is about, or it does not fit its state. */
const MAY_BE = ['NOT_FOUND', 'CONFLICT', 'UNAUTHENTICATED'];
/** A source that is gone. */
const SOURCE_IS_GONE = /BAD_USER_INPUT.*"field":"source"|"field":"source".*BAD_USER_INPUT/;
const FAULTS: TestTimings = {
  retentionIntervalMs: 3_000,
  deliveryTimeoutMs: 2_000,
  deliveryLeaseMs: 5_000,
  deliveryRetryDelayMs: 200,
};
/** Old generations are deleted in the middle of everything. */
const KEEP_COUNT = '40';

export type StormCallbacks = {
  log?: (line: string) => void;
  /** Aborts the storm: it cleans up and rejects. */
  signal?: AbortSignal;
  /** The servers' timings; by default those of production where nothing has to be waited for. */
  timings?: TestTimings;
};

export async function runStorm(options: StormOptions, callbacks: StormCallbacks = {}): Promise<StormOutcome> {
  const { log = () => {}, signal = new AbortController().signal, timings } = callbacks;
  const startedAt = Date.now();
  const random = new Random(options.seed);
  const folder = await mkdtemp(join(tmpdir(), 'comfygraph-storm-'));
  await chmod(folder, 0o755);
  const store = options.storage === 's3' ? await ObjectStore.open(folder, random.fork()) : undefined;
  const receiver = await startReceiver();
  let cluster: Cluster | undefined;
  try {
    cluster = await openCluster({ ...options, pause: 1_500, unlike: 0 }, random.fork(), {
      timings: { ...FAULTS, ...timings },
      env: { ...LOOPBACK, ...store?.env, ADMIN_EMAIL, WORKFLOW_AUTHORS: 'users', KEEP_COUNT },
      backendEnv: { SIMULATOR_VERSION: '0.33.0' },
    });
    const storm = new Storm(options, cluster, store, receiver, random.fork(), log, signal);
    await storm.run();
    const { dataDir } = cluster;
    const storage = store ? await store.storage(dataDir) : diskStorage({ dataDir });
    const findings = await judge({ cluster, store, storage, receiver, accounts: storm.all, log, signal });
    const { acts, fetched, all, faults } = storm;
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const violations = [...faults, ...findings.violations];
    return { ...findings, violations, options, acts, fetched, accounts: all.length, seconds };
  } finally {
    await cluster?.close();
    await receiver.close();
    await store?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Storm {
  /** Accounts that nobody has deleted. */
  readonly #accounts: Account[] = [];
  readonly all: Account[] = [];
  readonly acts = new Map<string, number>();
  readonly fetched = new Map<string, number>();
  /** Responses that violate the API's promises. */
  readonly faults: string[] = [];
  readonly #options: StormOptions;
  readonly #cluster: Cluster;
  readonly #store: ObjectStore | undefined;
  readonly #receiver: Receiver;
  readonly #random: Random;
  readonly #log: (line: string) => void;
  readonly #signal: AbortSignal;
  #done = 0;

  constructor(
    options: StormOptions,
    cluster: Cluster,
    store: ObjectStore | undefined,
    receiver: Receiver,
    random: Random,
    log: (line: string) => void,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#cluster = cluster;
    this.#store = store;
    this.#receiver = receiver;
    this.#random = random;
    this.#log = log;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { accounts, hands } = this.#options;
    await Promise.all(Array.from({ length: accounts }, () => this.#addAccount(this.#random.fork())));
    const pictures = await Promise.all(Array.from({ length: PICTURES }, () => picture()));
    await Promise.all(Array.from({ length: hands }, () => this.#work(this.#random.fork(), pictures)));
  }

  async #addAccount(random: Random): Promise<void> {
    const account = await openAccount(this.#cluster, random);
    await createWebhook(account.client, this.#receiver.url);
    this.#accounts.push(account);
    this.all.push(account);
  }

  async #work(random: Random, pictures: readonly Buffer[]): Promise<void> {
    const deck = [
      ...Object.entries(ACTS).flatMap(([name, { weight }]) => Array<string>(weight).fill(name)),
      ...Array<string>(KILL_WEIGHT).fill(KILL),
      ...Array<string>(DELETE_ACCOUNT_WEIGHT).fill(DELETE_ACCOUNT),
    ];
    while (this.#done < this.#options.acts) {
      this.#signal.throwIfAborted();
      this.#done += 1;
      if (this.#done % 250 === 0) this.#log(`${this.#done} acts`);
      // Even the shortest storm has a kill in its middle.
      const name = this.#done === Math.ceil(this.#options.acts / 2) ? KILL : random.pick(deck);
      if (name === KILL) this.#kill(random);
      else {
        this.#count(this.acts, name);
        await this.#act(name, random, pictures).catch((error) => this.#judgeError(name, error));
      }
      await sleep(random.between(0, LONGEST_PAUSE_MS));
    }
  }

  async #act(name: string, random: Random, pictures: readonly Buffer[]): Promise<void> {
    if (name === DELETE_ACCOUNT) return await this.#deleteAccount(random);
    const fetched = (status: number | string, path: string) => this.#judgeResponse(status, path);
    await ACTS[name]?.act({ account: random.pick(this.#accounts), cluster: this.#cluster, random, pictures, fetched });
  }

  async #deleteAccount(random: Random): Promise<void> {
    await this.#addAccount(random.fork());
    const [account] = this.#accounts.splice(random.between(0, this.#accounts.length - 1), 1);
    if (!account) return;
    account.deleteRequested = true;
    await dataOf(account.client.ask('mutation { deleteAccount(password: "correct horse battery") }'));
  }

  #kill(random: Random): void {
    const { replicas, backends } = this.#cluster;
    const kinds: [string, SupervisedProcess[]][] = [
      ['server', replicas],
      ['server', replicas],
      ['ComfyUI', backends],
      ...(this.#store ? [['store', [this.#store]] satisfies [string, SupervisedProcess[]]] : []),
    ];
    const [kind, processes] = random.pick(kinds);
    random.pick(processes).process.kill('SIGKILL');
    this.#count(this.acts, `${KILL} ${kind}`);
  }

  #judgeError(name: string, error: Error): void {
    const [, code = ''] = /"code":"(\w+)"/.exec(error.message) ?? [];
    if (MAY_BE.includes(code) || SOURCE_IS_GONE.test(error.message)) return;
    this.faults.push(`${name}: ${error.stack}`);
  }

  /** Of all that dies, a server cannot do without the object store alone. */
  #judgeResponse(status: number | string, path: string): void {
    this.#count(this.fetched, String(status));
    if (!(Number(status) >= 500) || this.#store) return;
    const [id = path] = path.match(/[0-9a-f-]{36}/) ?? [];
    const lines = this.#cluster.replicas.flatMap((replica) => replica.linesWith(id));
    this.faults.push([`${path} returned ${status}`, ...lines.slice(-5)].join('\n'));
  }

  #count(counts: Map<string, number>, name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}
