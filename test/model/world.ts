/** Two servers over one database and one ComfyUI, as processes that a test kills; and two users of them. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type Answer, clientOf, signUp, type Variables } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';

export type User = { token: string };
export type Seen = {
  id: string;
  status: string;
  revision: number;
  attempt: number;
  failure: { code: string } | null;
  result: { images: { url: string; byteSize: number }[] } | null;
};
export type Watching = { seen: Seen[]; ended: boolean; error: unknown; leave(): void };

export const FIELDS = 'id status revision attempt failure { code } result { images { url byteSize } }';
const SERVERS = 2;
/** For a takeover after a lease has run out, on a busy machine. */

export class World {
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

  static async open(): Promise<World> {
    const processes = new Processes();
    const world = new World(await createDatabase(), await startSimulatorProcess(processes), processes);
    world.#dataDir = `${await processes.newFolder()}/data`;
    for (let nth = 0; nth < SERVERS; nth += 1) await world.#start(nth);
    return world;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await this.#processes.end();
    await this.database.drop();
  }

  /** At once, like a fault of the machine; another takes its place in a moment. */
  async kill(nth: number, signal: NodeJS.Signals): Promise<void> {
    const server = this.#servers[nth];
    if (!server) return;
    this.#servers[nth] = undefined;
    server.kill(signal);
    this.#starting.push(server.ended.then(() => this.#start(nth)));
  }

  /** ComfyUI forgets its queue and its history. */
  async restartComfyUI(): Promise<void> {
    await fetch(`${this.simulator.url}/simulator/restart`, { method: 'POST', body: '{}' });
    await this.simulatorIsThere();
  }

  async simulatorIsThere(): Promise<void> {
    await until(
      () =>
        this.simulator.journal().then(
          () => true,
          () => false,
        ),
      'the simulator to be there',
    );
  }

  /** Both servers run. */
  async isWhole(): Promise<void> {
    await Promise.all(this.#starting);
    this.#starting = [];
  }

  async newUser(): Promise<User> {
    return await this.#somewhere(async (url) => ({ token: String((await signUp(url)).token) }));
  }

  /** By whichever server answers: a user tries again, too. */
  ask(user: User, document: string, variables: Variables): Promise<Answer> {
    return this.#somewhere((url) => clientOf(url, user.token).ask(document, variables));
  }

  async fetchPicture(url: string): Promise<number> {
    return await this.#somewhere(async (server) => (await (await fetch(server + url)).arrayBuffer()).byteLength);
  }

  /** Follows it through whichever server answers, and again through another when that is gone. */
  watch(user: User, id: string): Watching {
    // Of one that is about to connect to a server that dies, what goes wrong is nobody's any more.
    const leave = () => void Promise.resolve(client.dispose()).catch(() => {});
    const watching: Watching = { seen: [], ended: false, error: undefined, leave };
    const client = createClient({
      url: async () => `${(await this.#url()).replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 1_000,
      retryWait: async () => void (await this.#url()),
      shouldRetry: () => true,
      connectionParams: { authorization: `Bearer ${user.token}` },
    });
    client.subscribe<{ generationUpdated: Seen }>(
      { query: `subscription ($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`, variables: { id } },
      {
        next: ({ data, errors }) => {
          if (errors) watching.error = errors;
          else if (data) watching.seen.push(data.generationUpdated);
        },
        error: (error) => {
          watching.error = error;
          watching.ended = true;
        },
        complete: () => {
          watching.ended = true;
        },
      },
    );
    return watching;
  }

  async #start(nth: number): Promise<void> {
    this.#servers[nth] = await this.#processes.startServerProcess({
      env: { DATA_DIR: this.#dataDir, DATABASE_URL: this.database.url, COMFYUI_URL: this.simulator.url },
    });
  }

  async #url(): Promise<string> {
    return (await until(() => this.#servers.find((server) => server !== undefined), 'a server to run')).url;
  }

  #somewhere<T>(act: (url: string) => Promise<T>): Promise<T> {
    let answer: { value: T } | undefined;
    return until(async () => {
      try {
        answer = { value: await act(await this.#url()) };
      } catch (error) {
        // A server that was killed leaves no answer; whatever else is wrong is the test's to see.
        if (!isNetworkError(error)) throw error;
      }
      return answer !== undefined;
    }, 'a server to answer').then(() => (answer as { value: T }).value);
  }
}

const isNetworkError = (error: unknown): boolean =>
  error instanceof Error && (error.message === 'fetch failed' || error.message === 'terminated');
