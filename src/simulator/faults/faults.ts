/**
 * What goes wrong on purpose. A fault says at which point of the simulator what is done how many times; nothing goes wrong
 * by itself. Whoever passes a point asks `reach`: what any point can do is done here, the rest comes back to be done there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from './gate.js';

/**
 * - `request`: any HTTP request, before it is looked at. `prompt:before` and `prompt:after`: `POST /prompt`, before anything
 *   is done, and queued but not yet answered. `queue`, `history`: these are read. `view:before`, `view:half`, `view:after`: a file
 *   is about to be sent, half sent, sent.
 * - `start`: the worker took a prompt, before `execution_start`. `node`: `executing` was said, the node has not begun. `step`:
 *   a sampler's step is done and not yet told. `success`: `execution_success` was said, history has nothing yet.
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

/** What is known when a point is passed. `type` is a message's type, `binary` for frames. */
export type Passing = {
  route?: string;
  promptId?: string;
  node?: string;
  classType?: string;
  step?: number;
  type?: string;
};

export type Action =
  /** At any point. Waiting at `message` keeps all messages waiting, as one slow socket does. */
  | { do: 'kill'; pid: number; signal?: NodeJS.Signals }
  | { do: 'call'; run: (passing: Passing) => unknown }
  | { do: 'wait'; ms: number }
  | { do: 'hold' }
  | { do: 'restart'; downMs?: number }
  | { do: 'drop-sockets' }
  /** At the HTTP points: cut the connection, never answer, answer this (garbage, mostly), or answer without an end. */
  | { do: 'reset' }
  | { do: 'hang' }
  | { do: 'answer'; status?: number; type?: string; body: string }
  | { do: 'flood'; bytes: number }
  /** At `node` and `step`: raise. There and at `start`: end the worker thread, so that nothing runs any more. */
  | { do: 'fail'; type?: string; message?: string }
  | { do: 'die' }
  /** At `output`: these bytes in place of the picture, another name in what is told, or no file told at all. */
  | { do: 'write'; body: string | Uint8Array; encoding?: 'utf8' | 'base64' }
  | { do: 'name'; filename: string; subfolder?: string }
  | { do: 'omit' }
  /** At `message` (with `omit`): twice, after the next one, or with this frame before it. A last one has no next. */
  | { do: 'repeat' }
  | { do: 'swap' }
  | { do: 'insert'; frame: string | Uint8Array };

/** An action that needs nothing more than its name. */
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
  /** How often it happens; once by default. */
  times?: number;
  /** How many passings it lets go first. */
  skip?: number;
  /** Only where all of these are as given; a list means one of them. */
  where?: { [Key in keyof Passing]?: Passing[Key] | NonNullable<Passing[Key]>[] };
};

type Fault = { point: Point; action: Action; times: number; skip: number; where: NonNullable<FaultOptions['where']> };

/** What the simulator lends the faults, so that an action at a point can reach the whole of it. */
export type Reach = { restart(options: { downMs?: number }): void; dropSockets(): void };

export class Faults {
  readonly gate = new Gate();
  #faults: Fault[] = [];

  constructor(private readonly world: Reach) {}

  /** Returns the way to take it back. */
  at(point: Point, action: Action | ActionName, { times = 1, skip = 0, where = {} }: FaultOptions = {}): () => void {
    const fault: Fault = { point, action: typeof action === 'string' ? { do: action } : action, times, skip, where };
    this.#faults.push(fault);
    return () => {
      this.#faults = this.#faults.filter((each) => each !== fault);
    };
  }

  /** Takes back all faults and lets what is held go on. */
  clear(): void {
    this.#faults = [];
    this.gate.open();
  }

  expects(point: Point): boolean {
    return this.#faults.some((fault) => fault.point === point);
  }

  /** As `reach`, for where nothing can wait: waiting and holding are passed over. */
  strike(point: Point, passing: Passing): Action[] {
    return this.#due(point, passing).filter((action) => !this.#act(action, passing));
  }

  /** Does what any point can do and returns the rest. Ends early when the signal aborts, then with its reason. */
  async reach(point: Point, passing: Passing, signal?: AbortSignal): Promise<Action[]> {
    const rest: Action[] = [];
    for (const action of this.#due(point, passing)) {
      if (action.do === 'call') await orAborted(action.run(passing), signal);
      else if (action.do === 'wait') await sleep(action.ms, undefined, signal ? { signal } : {});
      else if (action.do === 'hold') {
        this.gate.close();
        await this.gate.pass(signal);
      } else if (!this.#act(action, passing)) rest.push(action);
    }
    return rest;
  }

  /** Whose turn it is at this point; counts it. */
  #due(point: Point, passing: Passing): Action[] {
    const due: Action[] = [];
    for (const fault of this.#faults) {
      if (fault.point !== point || !matches(fault, passing)) continue;
      if (fault.skip > 0) fault.skip -= 1;
      else if (fault.times > 0) {
        fault.times -= 1;
        due.push(fault.action);
      }
    }
    if (due.length > 0) this.#faults = this.#faults.filter((fault) => fault.times > 0);
    return due;
  }

  /** Whether it was one that is done in no time and at any point. */
  #act(action: Action, passing: Passing): boolean {
    if (action.do === 'kill') kill(action.pid, action.signal ?? 'SIGKILL');
    else if (action.do === 'call') void action.run(passing);
    else if (action.do === 'restart') this.world.restart(action);
    else if (action.do === 'drop-sockets') this.world.dropSockets();
    else return false;
    return true;
  }
}

/** A call may itself wait for the end of what waits for it. */
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

/** What has ended already need not be killed. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function matches(fault: Fault, passing: Passing): boolean {
  return Object.entries(fault.where).every(([key, wanted]) => {
    const value = passing[key as keyof Passing];
    return Array.isArray(wanted) ? wanted.some((each) => each === value) : wanted === value;
  });
}
