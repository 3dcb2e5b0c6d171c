/** What the tests of several ComfyUIs share: what each is seen to be, what each did, and how one goes away. */
import type { Simulator } from '../../src/simulator/index.js';
import { dataOf, promptsOf, queueOf, sql } from '../generations/support.js';
import type { TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { until } from '../support/until.js';

/** Backends are looked at often, and so is what waits for one. What may not run out in a test is as in production. */
export const OFTEN = {
  backendCheckIntervalMs: 50,
  sweepIntervalMs: 100,
  comfyui: { retryDelayMs: 20, longestRetryDelayMs: 100, recheckIntervalMs: 200, inFlightTimeoutMs: 200 },
};

export type Shown = {
  name: string;
  state: string;
  reason: string | null;
  running: number;
  pending: number;
  lastSeenAt: string;
};

export const backendsOf = async (client: Client): Promise<Shown[]> =>
  (await dataOf(client.ask('{ backends { name state reason running pending lastSeenAt } }'))).backends;

/** As the API calls it. */
export const nameOf = (app: TestApp, simulator: Simulator): string =>
  `comfyui-${app.simulators.indexOf(simulator) + 1}`;

export async function backendOf(app: TestApp, client: Client, simulator: Simulator): Promise<Shown> {
  const shown = (await backendsOf(client)).find(({ name }) => name === nameOf(app, simulator));
  if (!shown) throw new Error('It is not among the backends');
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

/** It has been looked at so often, from now on. */
export async function isLookedAt(app: TestApp, client: Client, simulator: Simulator, times = 2): Promise<void> {
  for (let look = 0; look < times; look += 1) {
    const { lastSeenAt: before } = await backendOf(app, client, simulator);
    const rises = async () => (await backendOf(app, client, simulator)).lastSeenAt > before;
    await until(rises, 'it to be looked at again');
  }
}

/** All are known to have nothing to do. */
export const allIdle = (client: Client): Promise<unknown> =>
  until(
    async () => (await backendsOf(client)).every(({ running, pending }) => running + pending === 0),
    'all to be idle',
  );

/** How many prompts of a generation each simulator executed, in their order. */
export async function executedBy(app: TestApp, id: string): Promise<number[]> {
  const promptIds = await promptsOf(app, id);
  return app.simulators.map(({ journal }) => {
    const { prompts } = journal.snapshot();
    return promptIds.reduce((sum, promptId) => sum + (prompts[promptId]?.executed ?? 0), 0);
  });
}

/** The simulator that has its newest prompt, and the others. */
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

/** Nothing reaches it any more, and it goes on with what it has. Returns the way back. */
export function cut(simulator: Simulator): () => void {
  const heal = simulator.at('request', 'reset', { times: Number.POSITIVE_INFINITY });
  const healSockets = simulator.at('connect', 'drop-sockets', { times: Number.POSITIVE_INFINITY });
  simulator.dropSockets();
  return () => {
    heal();
    healSockets();
  };
}

/** Waits until it is OFFLINE, and lets it have been so for more than a minute. */
export async function isLongOffline(app: TestApp, client: Client, simulator: Simulator): Promise<void> {
  await isSeen(app, client, simulator, 'OFFLINE');
  await sql(app, `update backends set offline_since = now() - interval '2 min' where name = $1`, [
    nameOf(app, simulator),
  ]);
}
