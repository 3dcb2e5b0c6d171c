/** Checks whether a generation was executed more often than restarts of its backends explain. */
import type { JournalLine } from '../../src/simulator/index.js';
import type { Span } from './supervised-process.js';

/** A prompt that was in flight at a freeze, or sent right after it, arrives within this time. */
const SEND_TIMEOUT_MS = 15_000;

/** A backend's events across all its restarts. */
export type BackendJournal = { backend: string; lines: JournalLine[] };

export type Execution = {
  backend: string;
  promptId: string;
  at: number;
  end: 'succeeded' | 'failed' | 'interrupted' | undefined;
};

/** Executions of these prompts, in the order of their start. */
export function executionsOf(promptIds: readonly string[], journals: readonly BackendJournal[]): Execution[] {
  const executions: Execution[] = [];
  for (const { backend, lines } of journals) {
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

/** Whether a backend restarted, and so lost its memory, between two times. */
export const hasForgotten = (journals: readonly BackendJournal[], backend: string, from: number, to: number): boolean =>
  journals.some(
    (journal) =>
      journal.backend === backend && journal.lines.some(({ at, event }) => isRestart(event) && at >= from && at <= to),
  );

/** A killed backend writes no `down`, so `up` counts as well. */
const isRestart = (event: string) => event === 'down' || event === 'up';

export type Repeats = {
  /** Executed again although the earlier backend still knew its execution. */
  runTwice: Execution[];
  /** The same around a freeze, where the server stopped it as soon as it noticed. */
  afterFreeze: Execution[];
};

/** By backend: spans in which it failed every prompt; an open span has no end. */
export type Failures = ReadonlyMap<string, readonly { from: number; to?: number }[]>;

/** Duration of a node: a prompt that started before a failure can still fail at its next node. */
const NODES_MS = 2_000;

/** Whether it failed because its backend failed every prompt. */
export const isSpoiled = ({ backend, at, end }: Execution, failures: Failures): boolean =>
  end === 'failed' &&
  (failures.get(backend) ?? []).some(({ from, to = Number.POSITIVE_INFINITY }) => at >= from - NODES_MS && at <= to);

/** What servers logged about an execution. */
export type ServerLogs = {
  /** Whether a server took it back; it may have ended before it could be stopped. */
  isTakenBack: (promptId: string) => boolean;
  /** Whether a server decided to run the job again, because the failure looked like the backend's. */
  isRetried: (promptId: string) => boolean;
};

export function repeatsIn(
  executions: readonly Execution[],
  journals: readonly BackendJournal[],
  { freezes, failures, isTakenBack, isRetried }: { freezes: readonly Span[]; failures: Failures } & ServerLogs,
): Repeats {
  const repeats: Repeats = { runTwice: [], afterFreeze: [] };
  for (const [index, execution] of executions.entries()) {
    const before = executions[index - 1];
    if (!before || hasForgotten(journals, before.backend, before.at, execution.at)) continue;
    // A failed prompt is retried on another backend, because the first backend may be at fault.
    if (before.end === 'failed' && before.backend !== execution.backend) continue;
    // Without another backend, the same one is retried after it failed every prompt.
    if (isSpoiled(before, failures)) continue;
    // A prompt that failed at once is moved; while it waited, the other backends may have gone offline.
    if (before.end === 'failed' && isRetried(before.promptId)) continue;
    const isAroundFreeze = freezes.some(({ from, to }) => execution.at >= from && execution.at <= to + SEND_TIMEOUT_MS);
    const isStopped =
      execution.end === 'interrupted' || before.end === 'interrupted' || isTakenBack(execution.promptId);
    (isAroundFreeze && isStopped ? repeats.afterFreeze : repeats.runTwice).push(execution);
  }
  return repeats;
}
