/** Judges whether a generation was executed more often than what its backends forgot explains. */
import type { JournalLine } from '../../src/simulator/index.js';
import type { Span } from './slot.js';

/** What was on its way as a server froze, or was sent as it woke, arrives within this. */
const SEND_TIMEOUT_MS = 15_000;

/** What one backend did and when it forgot, over all its lives. */
export type Book = { backend: string; lines: JournalLine[] };

export type Execution = {
  backend: string;
  promptId: string;
  at: number;
  end: 'succeeded' | 'failed' | 'interrupted' | undefined;
};

/** Of these prompts, in the order in which they began. */
export function executionsOf(promptIds: readonly string[], books: readonly Book[]): Execution[] {
  const executions: Execution[] = [];
  for (const { backend, lines } of books) {
    const running = new Map<string, Execution>();
    for (const { at, event, promptId } of lines) {
      if (promptId === undefined || !promptIds.includes(promptId)) continue;
      if (event === 'executed') {
        const execution: Execution = { backend, promptId, at, end: undefined };
        running.set(promptId, execution);
        executions.push(execution);
      } else if (event === 'succeeded' || event === 'failed' || event === 'interrupted') {
        const execution = running.get(promptId);
        if (execution) execution.end = event;
      }
    }
  }
  return executions.sort((a, b) => a.at - b.at);
}

/** Whether a backend went down, and so forgot, between two moments. */
export const forgot = (books: readonly Book[], backend: string, from: number, to: number): boolean =>
  books.some(
    (book) => book.backend === backend && book.lines.some(({ at, event }) => isTurn(event) && at >= from && at <= to),
  );

/** One that was killed says nothing as it goes; whoever comes up has forgotten. */
const isTurn = (event: string) => event === 'down' || event === 'up';

export type Repeats = {
  /** Executed again although the backend that had executed it before remembered it. */
  runTwice: Execution[];
  /** The same around a freeze, where it was stopped as soon as it was seen. */
  afterFreeze: Execution[];
};

/** By backend: when it failed every prompt; without an end where it still does. */
export type Failures = ReadonlyMap<string, readonly { from: number; to?: number }[]>;

/** What began before a failure may meet it at its next node, for as long as one takes. */
const NODES_MS = 2_000;

/** Whether it failed because its backend fails every prompt. */
export const isSpoiled = ({ backend, at, end }: Execution, failures: Failures): boolean =>
  end === 'failed' &&
  (failures.get(backend) ?? []).some(({ from, to = Number.POSITIVE_INFINITY }) => at >= from - NODES_MS && at <= to);

/** @param isRecognised whether a server says that it took an execution back, which may have ended before it could be stopped */
export function repeatsIn(
  executions: readonly Execution[],
  books: readonly Book[],
  { freezes, failures }: { freezes: readonly Span[]; failures: Failures },
  isRecognised: (execution: Execution) => boolean,
): Repeats {
  const repeats: Repeats = { runTwice: [], afterFreeze: [] };
  for (const [index, execution] of executions.entries()) {
    const before = executions[index - 1];
    if (!before || forgot(books, before.backend, before.at, execution.at)) continue;
    // What fails at once is tried on another backend: the fault may be the first one's.
    if (before.end === 'failed' && before.backend !== execution.backend) continue;
    // Or on the same one, which may be well again, where there is no other.
    if (isSpoiled(before, failures)) continue;
    const isAroundFreeze = freezes.some(({ from, to }) => execution.at >= from && execution.at <= to + SEND_TIMEOUT_MS);
    const isStopped = execution.end === 'interrupted' || before.end === 'interrupted' || isRecognised(execution);
    (isAroundFreeze && isStopped ? repeats.afterFreeze : repeats.runTwice).push(execution);
  }
  return repeats;
}
