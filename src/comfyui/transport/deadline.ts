/** Bounds one exchange in time, and knows afterwards why it ended. */
import { ComfyUIError, UnreachableError } from '../protocol/errors.js';
import { isObject, isString } from '../protocol/json.js';
import { linked } from './linked-signal.js';

export type Deadline = {
  /** Aborts with the first source that does, or when the time is over. */
  signal: AbortSignal;
  /** What to throw for an error: what was aborted with, as it is; else a ComfyUIError as it is, or what it means for the exchange. */
  fail(error: unknown): unknown;
  /** Begins the time anew, with another length. */
  again(ms: number): void;
  stop(): void;
};

/** @param what names the exchange in messages: `GET /queue`. */
export function deadline(sources: (AbortSignal | undefined)[], ms: number, what: string): Deadline {
  const link = linked(sources);
  const { signal } = link;
  const expire = () => link.abort(new UnreachableError(`${what} took too long`));
  let timeout = setTimeout(expire, ms);
  return {
    signal,
    fail: (error) => {
      if (signal.aborted) return signal.reason;
      if (error instanceof ComfyUIError) return error;
      return new UnreachableError(`${what} was cut${codeOf(error)}`, { cause: error });
    },
    again: (longer) => {
      clearTimeout(timeout);
      timeout = setTimeout(expire, longer);
    },
    stop: () => {
      clearTimeout(timeout);
      link.unlink();
    },
  };
}

/** The code of a system error as the end of a message; empty where it has none. */
export const codeOf = (error: unknown): string => (isObject(error) && isString(error.code) ? `: ${error.code}` : '');
