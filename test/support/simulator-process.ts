/** A simulator in its own process, controlled over HTTP: it survives the death of a server. */
import type { Action, ActionName, FaultOptions, JournalSnapshot, Point } from '../../src/simulator/index.js';
import type { Processes, TestProcess } from './process.js';

export type SimulatorProcess = TestProcess & {
  url: string;
  /** Injects one fault at a point: see the simulator's `at`. */
  at(point: Point, action: Action | ActionName, options?: FaultOptions): Promise<void>;
  /** Removes all faults. */
  heal(): Promise<void>;
  hold(): Promise<void>;
  release(): Promise<void>;
  /** Resolves once a prompt is held. */
  held(): Promise<void>;
  journal(): Promise<JournalSnapshot>;
};

export async function startSimulatorProcess(
  processes: Processes,
  env: Record<string, string> = {},
): Promise<SimulatorProcess> {
  const simulator = await processes.startSimulatorProcess({ env });
  const call = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${simulator.url}/simulator/${path}`, init);
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  };
  const tell = async (path: string, body?: object) => void (await call('POST', path, body));
  return Object.assign(simulator, {
    at: (point: Point, action: Action | ActionName, options: FaultOptions = {}) =>
      tell('faults', { point, action, ...options }),
    heal: () => tell('heal'),
    hold: () => tell('hold'),
    release: () => tell('release'),
    held: () => tell('held'),
    journal: async () => (await call('GET', 'journal')) as JournalSnapshot,
  });
}
