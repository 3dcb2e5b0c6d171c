/** Helpers for tests with several backends: the states that the API shows, the prompts that each executed, and outages. */
import type { Simulator } from '../../src/simulator/index.js';
import { dataOf, promptsOf, queueOf, sql } from '../generations/support.js';
import type { TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { until } from '../support/until.js';

/** Frequent checks and sweeps. Timeouts that must not expire in a test are as in production. */
export const OFTEN = {
  backendCheckIntervalMs: 50,
  sweepIntervalMs: 100,
  comfyui: { retryDelayMs: 20, maxRetryDelayMs: 100, recheckIntervalMs: 200, inFlightTimeoutMs: 200 },
};

export type ShownBackend = {
  name: string;
  state: string;
  reason: string | null;
  running: number;
  pending: number;
  lastSeenAt: string;
};

export const backendsOf = async (client: Client): Promise<ShownBackend[]> =>
  (await dataOf(client.ask('{ backends { name state reason running pending lastSeenAt } }'))).backends;

/** The backend's name in the API. */
export const nameOf = (app: TestApp, simulator: Simulator): string =>
  `comfyui-${app.simulators.indexOf(simulator) + 1}`;

export async function backendOf(app: TestApp, client: Client, simulator: Simulator): Promise<ShownBackend> {
  const shown = (await backendsOf(client)).find(({ name }) => name === nameOf(app, simulator));
  if (!shown) throw new Error('The simulator is not among the backends');
  return shown;
}

export const isSeen = (app: TestApp, client: Client, simulator: Simulator, state: string) =>
  until(
    async () => {
      const shown = await backendOf(app, client, simulator);
      return shown.state === state && shown;
    },
    `${nameOf(app, simulator)} to be ${state}`,
  );

const DRAIN = `mutation ($name: String!) { drainBackend(name: $name) { name state } }`;
const RESUME = `mutation ($name: String!) { resumeBackend(name: $name) { name state } }`;

export const tryDrain = (client: Client, name: string): Promise<Answer> => client.ask(DRAIN, { name });
export const tryResume = (client: Client, name: string): Promise<Answer> => client.ask(RESUME, { name });

export const drain = async (admin: Client, name: string): Promise<unknown> =>
  (await dataOf(tryDrain(admin, name))).drainBackend;
export const resume = async (admin: Client, name: string): Promise<unknown> =>
  (await dataOf(tryResume(admin, name))).resumeBackend;

/** Waits for this many health checks from now on. */
export async function isCheckedAgain(app: TestApp, client: Client, simulator: Simulator, times = 2): Promise<void> {
  for (let check = 0; check < times; check += 1) {
    const { lastSeenAt: before } = await backendOf(app, client, simulator);
    const rises = async () => (await backendOf(app, client, simulator)).lastSeenAt > before;
    await until(rises, 'another health check');
  }
}

/** Waits until all backends are known to be idle. */
export const allIdle = (client: Client): Promise<unknown> =>
  until(
    async () => (await backendsOf(client)).every(({ running, pending }) => running + pending === 0),
    'all backends to be idle',
  );

/** The number of prompts of a generation that each simulator executed, in the order of the simulators. */
export async function executedBy(app: TestApp, id: string): Promise<number[]> {
  const promptIds = await promptsOf(app, id);
  return app.simulators.map(({ journal }) => {
    const { prompts } = journal.snapshot();
    return promptIds.reduce((sum, promptId) => sum + (prompts[promptId]?.executed ?? 0), 0);
  });
}

/** The simulator that has the generation's newest prompt, and the others. */
export const homeOf = (app: TestApp, id: string): Promise<[Simulator, ...Simulator[]]> =>
  until(async () => {
    const promptId = (await promptsOf(app, id)).at(-1);
    for (const home of app.simulators) {
      const { running, pending } = await queueOf(home);
      const others = app.simulators.filter((each) => each !== home);
      if (promptId !== undefined && [...running, ...pending].includes(promptId))
        return [home, ...others] as [Simulator, ...Simulator[]];
    }
    return undefined;
  }, 'a ComfyUI to have the prompt');

/** Cuts all connections to a simulator, which keeps working. Returns a function that restores them. */
export function cut(simulator: Simulator): () => void {
  const heal = simulator.at('request', 'reset', { times: Number.POSITIVE_INFINITY });
  const healSockets = simulator.at('connect', 'drop-sockets', { times: Number.POSITIVE_INFINITY });
  simulator.dropSockets();
  return () => {
    heal();
    healSockets();
  };
}

/** Waits until it is OFFLINE, and sets that back by two minutes. */
export async function isLongOffline(app: TestApp, client: Client, simulator: Simulator): Promise<void> {
  await isSeen(app, client, simulator, 'OFFLINE');
  await sql(app, `update backends set offline_since = now() - interval '2 min' where name = $1`, [
    nameOf(app, simulator),
  ]);
}
