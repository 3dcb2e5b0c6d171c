/** Two server processes with one database and one ComfyUI, which a test kills. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type Answer, clientOf, signUp, type Variables } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';

export type User = { token: string };
export type Snapshot = {
  id: string;
  status: string;
  revision: number;
  attempt: number;
  failure: { code: string } | null;
  result: { images: { url: string; byteSize: number }[] } | null;
};
export type Subscription = { seen: Snapshot[]; ended: boolean; error: unknown; leave(): void };

export const FIELDS = 'id status revision attempt failure { code } result { images { url byteSize } }';
const SERVERS = 2;

export class Cluster {
  readonly #processes = new Processes();
  readonly #servers: (ServerProcess | undefined)[] = [];
  #starting: Promise<void>[] = [];
  #dataDir = '';
  readonly simulator: SimulatorProcess;
  private readonly database: TestDatabase;

  private constructor(database: TestDatabase, simulator: SimulatorProcess, processes: Processes) {
    this.database = database;
    this.simulator = simulator;
    this.#processes = processes;
  }

  static async open(): Promise<Cluster> {
    const processes = new Processes();
    const cluster = new Cluster(await createDatabase(), await startSimulatorProcess(processes), processes);
    cluster.#dataDir = `${await processes.newFolder()}/data`;
    for (let nth = 0; nth < SERVERS; nth += 1) await cluster.#start(nth);
    return cluster;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await this.#processes.end();
    await this.database.drop();
  }

  /** Signals a server and starts another in its place when it has exited. */
  async kill(nth: number, signal: NodeJS.Signals): Promise<void> {
    const server = this.#servers[nth];
    if (!server) return;
    this.#servers[nth] = undefined;
    server.kill(signal);
    this.#starting.push(server.ended.then(() => this.#start(nth)));
  }

  /** ComfyUI loses its queue and history. */
  async restartComfyUI(): Promise<void> {
    await fetch(`${this.simulator.url}/simulator/restart`, { method: 'POST', body: '{}' });
    await this.waitForSimulator();
  }

  async waitForSimulator(): Promise<void> {
    await until(
      () =>
        this.simulator.journal().then(
          () => true,
          () => false,
        ),
      'the simulator to respond',
    );
  }

  /** Waits until both servers run. */
  async waitForServers(): Promise<void> {
    await Promise.all(this.#starting);
    this.#starting = [];
  }

  async newUser(): Promise<User> {
    return await this.#withServer(async (url) => ({ token: String((await signUp(url)).token) }));
  }

  /** Retries on any server until one responds, like a user. */
  ask(user: User, document: string, variables: Variables): Promise<Answer> {
    return this.#withServer((url) => clientOf(url, user.token).ask(document, variables));
  }

  async fetchPicture(url: string): Promise<number> {
    return await this.#withServer(async (server) => (await (await fetch(server + url)).arrayBuffer()).byteLength);
  }

  /** Subscribes through any server, and reconnects through another when that server is gone. */
  watch(user: User, id: string): Subscription {
    // A pending connection to a dying server may reject; after `leave` this is irrelevant.
    const leave = () => void Promise.resolve(client.dispose()).catch(() => {});
    const subscription: Subscription = { seen: [], ended: false, error: undefined, leave };
    const client = createClient({
      url: async () => `${(await this.#url()).replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 1_000,
      retryWait: async () => void (await this.#url()),
      shouldRetry: () => true,
      connectionParams: { authorization: `Bearer ${user.token}` },
    });
    client.subscribe<{ generationUpdated: Snapshot }>(
      { query: `subscription ($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`, variables: { id } },
      {
        next: ({ data, errors }) => {
          if (errors) subscription.error = errors;
          else if (data) subscription.seen.push(data.generationUpdated);
        },
        error: (error) => {
          subscription.error = error;
          subscription.ended = true;
        },
        complete: () => {
          subscription.ended = true;
        },
      },
    );
    return subscription;
  }

  async #start(nth: number): Promise<void> {
    this.#servers[nth] = await this.#processes.startServerProcess({
      env: { DATA_DIR: this.#dataDir, DATABASE_URL: this.database.url, COMFYUI_URL: this.simulator.url },
    });
  }

  async #url(): Promise<string> {
    return (await until(() => this.#servers.find((server) => server !== undefined), 'a server to run')).url;
  }

  #withServer<T>(act: (url: string) => Promise<T>): Promise<T> {
    let answer: { value: T } | undefined;
    return until(async () => {
      try {
        answer = { value: await act(await this.#url()) };
      } catch (error) {
        // A killed server sends no response; every other error fails the test.
        if (!isNetworkError(error)) throw error;
      }
      return answer !== undefined;
    }, 'a server to respond').then(() => (answer as { value: T }).value);
  }
}

const isNetworkError = (error: unknown): boolean =>
  error instanceof Error && (error.message === 'fetch failed' || error.message === 'terminated');
