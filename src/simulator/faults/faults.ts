/**
 * Fault injection. A fault names a point of the simulator, an action and how often the action runs; without faults nothing
 * goes wrong. Code that reaches a point calls `trigger`: it performs the actions that work at every point and returns the
 * others, which the caller performs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from './gate.js';

/**
 * - `request`: any HTTP request, before it is routed. `prompt:before`: `POST /prompt`, before it is handled. `prompt:after`:
 *   the prompt is queued, the response is not sent. `queue`, `history`: a client reads them. `view:before`, `view:half`,
 *   `view:after`: a file is about to be sent, half sent, sent.
 * - `start`: the worker took a prompt, before `execution_start`. `node`: `executing` was sent, the node has not started. `step`:
 *   a sampler step is done, its progress is not sent. `success`: `execution_success` was sent, the history has no entry.
 * - `output`: a file is about to be written. `message`: a message is about to be sent to a socket. `connect`: a socket opened.
 */
export type Point =
  | 'request'
  | 'prompt:before'
  | 'prompt:after'
  | 'queue'
  | 'history'
  | 'view:before'
  | 'view:half'
  | 'view:after'
  | 'start'
  | 'node'
  | 'step'
  | 'success'
  | 'output'
  | 'message'
  | 'connect';

/** What is known at a point. `type` is the message's type, or `binary` for a binary frame. */
export type PointDetails = {
  route?: string;
  promptId?: string;
  node?: string;
  classType?: string;
  step?: number;
  type?: string;
};

export type Action =
  /** At any point. `wait` at `message` delays all messages, as one slow socket does. */
  | { do: 'kill'; pid: number; signal?: NodeJS.Signals }
  | { do: 'call'; run: (details: PointDetails) => unknown }
  | { do: 'wait'; ms: number }
  | { do: 'hold' }
  | { do: 'restart'; downMs?: number }
  | { do: 'drop-sockets' }
  /** At the HTTP points: reset the connection, never respond, respond with this body, or send this many spaces. */
  | { do: 'reset' }
  | { do: 'hang' }
  | { do: 'answer'; status?: number; type?: string; body: string }
  | { do: 'flood'; bytes: number }
  /** At `node` and `step`: `fail` raises an exception. There and at `start`: `die` ends the worker, and no prompt runs again. */
  | { do: 'fail'; type?: string; message?: string }
  | { do: 'die' }
  /** At `output`: writes these bytes in place of the image, reports another name, or reports no file. */
  | { do: 'write'; body: string | Uint8Array; encoding?: 'utf8' | 'base64' }
  | { do: 'name'; filename: string; subfolder?: string }
  | { do: 'omit' }
  /** At `message`, like `omit`: sends the message twice, after the next message, or with this frame before it. The last message has no next. */
  | { do: 'repeat' }
  | { do: 'swap' }
  | { do: 'insert'; frame: string | Uint8Array };

/** An action without parameters. */
export type ActionName =
  | 'hold'
  | 'drop-sockets'
  | 'restart'
  | 'reset'
  | 'hang'
  | 'fail'
  | 'die'
  | 'omit'
  | 'repeat'
  | 'swap';

export type FaultOptions = {
  /** How often the action runs; once by default. */
  times?: number;
  /** How many matches it ignores first. */
  skip?: number;
  /** Matches only when all of these are equal; a list matches each of its values. */
  where?: { [Key in keyof PointDetails]?: PointDetails[Key] | NonNullable<PointDetails[Key]>[] };
};

type Fault = { point: Point; action: Action; times: number; skip: number; where: NonNullable<FaultOptions['where']> };

/** The parts of the simulator that every action can use. */
type FaultTarget = { restart(options: { downMs?: number }): void; dropSockets(): void };

export class Faults {
  readonly gate = new Gate();
  #faults: Fault[] = [];

  constructor(private readonly target: FaultTarget) {}

  /** Returns a function that removes the fault. */
  at(point: Point, action: Action | ActionName, { times = 1, skip = 0, where = {} }: FaultOptions = {}): () => void {
    const fault: Fault = { point, action: typeof action === 'string' ? { do: action } : action, times, skip, where };
    this.#faults.push(fault);
    return () => {
      this.#faults = this.#faults.filter((each) => each !== fault);
    };
  }

  /** Removes all faults and releases held code. */
  clear(): void {
    this.#faults = [];
    this.gate.open();
  }

  isArmed(point: Point): boolean {
    return this.#faults.some((fault) => fault.point === point);
  }

  /** The synchronous `trigger`: it returns `wait` and `hold` to the caller, which ignores them. */
  triggerSync(point: Point, details: PointDetails): Action[] {
    return this.#due(point, details).filter((action) => !this.#perform(action, details));
  }

  /** Performs the actions that work at every point and returns the others. Throws the signal's reason when it aborts. */
  async trigger(point: Point, details: PointDetails, signal?: AbortSignal): Promise<Action[]> {
    const rest: Action[] = [];
    for (const action of this.#due(point, details)) {
      if (action.do === 'call') await orAborted(action.run(details), signal);
      else if (action.do === 'wait') await sleep(action.ms, undefined, signal ? { signal } : {});
      else if (action.do === 'hold') {
        this.gate.close();
        await this.gate.pass(signal);
      } else if (!this.#perform(action, details)) rest.push(action);
    }
    return rest;
  }

  /** The actions of matching faults; counts down their `skip` and `times`. */
  #due(point: Point, details: PointDetails): Action[] {
    const due: Action[] = [];
    for (const fault of this.#faults) {
      if (fault.point !== point || !matches(fault, details)) continue;
      if (fault.skip > 0) fault.skip -= 1;
      else if (fault.times > 0) {
        fault.times -= 1;
        due.push(fault.action);
      }
    }
    if (due.length > 0) this.#faults = this.#faults.filter((fault) => fault.times > 0);
    return due;
  }

  /** Performs a synchronous action that works at every point. Returns false for all others. */
  #perform(action: Action, details: PointDetails): boolean {
    if (action.do === 'kill') kill(action.pid, action.signal ?? 'SIGKILL');
    else if (action.do === 'call') void action.run(details);
    else if (action.do === 'restart') this.target.restart(action);
    else if (action.do === 'drop-sockets') this.target.dropSockets();
    else return false;
    return true;
  }
}

/** Without the signal a call could wait for a shutdown that waits for the call. */
async function orAborted(done: unknown, signal?: AbortSignal): Promise<void> {
  if (!signal) return void (await done);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([done, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Ignores a process that has already exited. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function matches(fault: Fault, details: PointDetails): boolean {
  return Object.entries(fault.where).every(([key, required]) => {
    const value = details[key as keyof PointDetails];
    return Array.isArray(required) ? required.some((each) => each === value) : required === value;
  });
}
