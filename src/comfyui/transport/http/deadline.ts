/** A time limit for one HTTP exchange, which also says why the exchange ended. */
import { ComfyUIError, UnreachableError } from '../../protocol/errors.js';
import { isObject, isString } from '../../protocol/json/json.js';
import { linked } from '../linked-signal.js';

export type Deadline = {
  /** Aborts with the first source that aborts, or when the time is over. */
  signal: AbortSignal;
  /** Returns what to throw for an error: the abort reason if aborted, a ComfyUIError as it is, else an UnreachableError. */
  toThrown(error: unknown): unknown;
  /** Restarts the timer with another limit. */
  restart(ms: number): void;
  stop(): void;
};

/** @param what names the exchange in error messages: `GET /queue` */
export function deadline(sources: (AbortSignal | undefined)[], ms: number, what: string): Deadline {
  const link = linked(sources);
  const { signal } = link;
  const expire = () => link.abort(new UnreachableError(`${what} timed out`));
  let timeout = setTimeout(expire, ms);
  return {
    signal,
    toThrown: (error) => {
      if (signal.aborted) return signal.reason;
      if (error instanceof ComfyUIError) return error;
      return new UnreachableError(`${what} was interrupted${codeOf(error)}`, { cause: error });
    },
    restart: (newMs) => {
      clearTimeout(timeout);
      timeout = setTimeout(expire, newMs);
    },
    stop: () => {
      clearTimeout(timeout);
      link.unlink();
    },
  };
}

/** The code of a system error as the end of a message; empty if it has none. */
export const codeOf = (error: unknown): string => (isObject(error) && isString(error.code) ? `: ${error.code}` : '');
