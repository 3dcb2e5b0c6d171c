/** Holds what was found against what was asked for. Everything here is a promise of the server's that was broken. */
import type { Creation } from './creation.js';
import { mayFail, wasSpared } from './excuses.js';
import { executionsOf, type Failures, repeatsIn } from './executions.js';
import type { Rarity } from './rarities.js';
import type { Prompt, Records, Shown } from './records.js';
import type { Span } from './slot.js';

/** What must not be, each with a column of its own. */
export const BROKEN = ['lost', 'stuck', 'wrong', 'doubled', 'run twice', 'orphans', 'watchers', 'others'] as const;
export type Broken = (typeof BROKEN)[number];

export type Violation = { kind: Broken; what: string; id?: string };

export type Evidence = {
  creations: readonly Creation[];
  records: Records;
  freezes: readonly Span[];
  /** When a server was killed, in milliseconds since 1970. */
  deaths: readonly number[];
  /** By backend: when it ran without raising the error at the failing step. */
  gaps: ReadonlyMap<string, readonly Span[]>;
  /** By backend: when it failed every prompt. */
  failures: Failures;
  /** By backend: what it has that others lack. */
  rarities: ReadonlyMap<string, readonly Rarity[]>;
  /** Prompts that no server has sent. */
  strangers: ReadonlySet<string>;
  /** Whether a server has logged that it took this prompt back. */
  isTakenBack: (promptId: string) => boolean;
};

export type Judgement = {
  violations: Violation[];
  statuses: Map<string, string>;
  totals: {
    generations: number;
    completed: number;
    canceled: number;
    deleted: number;
    sentAgain: number;
    afterFreeze: number;
  };
  failures: Map<string, number>;
};

const FINAL = ['COMPLETED', 'FAILED', 'CANCELED'];

export function judge(evidence: Evidence): Judgement {
  const { creations, records } = evidence;
  const violations: Violation[] = [];
  const statuses = new Map<string, string>();
  const failures = new Map<string, number>();
  const totals = { generations: 0, completed: 0, canceled: 0, deleted: 0, sentAgain: 0, afterFreeze: 0 };
  const promptsOf = Map.groupBy(records.prompts, ({ generationId }) => generationId);

  for (const [user, all] of records.shown) {
    const asked = creations.filter((creation) => creation.user === user);
    const byPrompt = Map.groupBy(all, ({ prompt }) => prompt);
    for (const creation of asked) {
      const found = byPrompt.get(creation.prompt) ?? [];
      byPrompt.delete(creation.prompt);
      violations.push(...judgeExistence(creation, found));
      for (const shown of found) {
        statuses.set(shown.id, shown.status);
        violations.push(...judgeEnd(creation, shown, promptsOf.get(shown.id) ?? [], evidence));
      }
      if (creation.isDeleted && creation.id !== undefined) {
        totals.deleted += 1;
        statuses.set(creation.id, 'deleted');
      }
      for (const what of creation.watcher?.faults ?? [])
        violations.push({ kind: 'watchers', ...idOf(creation), what: `its watcher ${what}` });
    }
    for (const [prompt, strangers] of byPrompt)
      for (const { id } of strangers)
        violations.push({ kind: 'others', id, what: `nobody has asked for it: ${prompt}` });
    for (const { status, failure } of all) {
      totals.generations += 1;
      if (status === 'COMPLETED') totals.completed += 1;
      if (status === 'CANCELED') totals.canceled += 1;
      if (failure) failures.set(failure.code, (failures.get(failure.code) ?? 0) + 1);
    }
  }
  for (const [id, prompts] of promptsOf) {
    totals.sentAgain += prompts.length - 1;
    const executions = executionsOf(
      prompts.map((prompt) => prompt.id),
      records.books,
    );
    const repeats = repeatsIn(executions, records.books, evidence, ({ promptId }) => evidence.isTakenBack(promptId));
    totals.afterFreeze += repeats.afterFreeze.length;
    for (const { promptId, backend } of repeats.runTwice)
      violations.push({
        kind: 'run twice',
        id,
        what: `${promptId} was executed by ${backend} although one before was remembered`,
      });
  }
  violations.push(...judgeBackends(evidence));
  return { violations, statuses, totals, failures };
}

const idOf = ({ id }: Creation) => (id === undefined ? {} : { id });

function* judgeExistence(creation: Creation, found: readonly Shown[]): Iterable<Violation> {
  const { id, deleteAsked, isDeleted, unanswered, prompt } = creation;
  if (id === undefined) {
    if (found.length > Math.min(1, unanswered))
      yield { kind: 'doubled', what: `${prompt} exists ${found.length} times` };
    return;
  }
  const isThere = found.some((shown) => shown.id === id);
  if (!isThere && !deleteAsked) yield { kind: 'lost', id, what: 'it was acknowledged, and is not there' };
  if (isThere && isDeleted) yield { kind: 'wrong', id, what: 'it was deleted, and is there' };
  // The key of a deleted one is free: a request that somebody gave up waiting for may arrive only then, and makes one more.
  const others = found.filter((shown) => shown.id !== id);
  if (others.length > (deleteAsked ? Math.min(1, unanswered) : 0))
    yield { kind: 'doubled', id, what: `for the same request there are as well ${others.map((other) => other.id)}` };
}

function* judgeEnd(
  creation: Creation,
  shown: Shown,
  prompts: readonly Prompt[],
  evidence: Evidence,
): Iterable<Violation> {
  const { id, status, failure, result } = shown;
  if (!FINAL.includes(status)) return yield { kind: 'stuck', id, what: `it is ${status} for good` };
  if ((status === 'COMPLETED') !== (result !== null))
    yield { kind: 'wrong', id, what: `${status}, and its result is ${result}` };
  if (status === 'COMPLETED') {
    const images = result?.images.length ?? 0;
    if (images > creation.images)
      yield { kind: 'doubled', id, what: `${images} pictures instead of ${creation.images}` };
    if (images < creation.images) yield { kind: 'wrong', id, what: `${images} pictures instead of ${creation.images}` };
    if (creation.fails && !wasSpared(prompts, evidence))
      yield { kind: 'wrong', id, what: 'it is COMPLETED, and its node fails' };
  }
  const { rarity } = creation;
  for (const { backend, promptId } of rarity
    ? executionsOf(
        prompts.map(({ id }) => id),
        evidence.records.books,
      )
    : [])
    if (rarity && !evidence.rarities.get(backend)?.includes(rarity))
      yield { kind: 'wrong', id, what: `${promptId} was executed by ${backend}, which lacks what it asks for` };
  if (status === 'CANCELED' && !creation.cancelAsked && !creation.deleteAsked)
    yield { kind: 'wrong', id, what: 'it is CANCELED, and nobody has asked for that' };
  if (status === 'FAILED' && !mayFail(creation, String(failure?.code), prompts, evidence))
    yield { kind: 'wrong', id, what: `it is FAILED with ${failure?.code}: ${failure?.message}` };
}

/** What no generation can be named for. */
function* judgeBackends({ records: { books, prompts }, strangers }: Evidence): Iterable<Violation> {
  const known = new Set(prompts.map(({ id }) => id));
  const backends = new Set(books.map(({ backend }) => backend));
  for (const { id, backend } of prompts)
    if (!backends.has(backend)) yield { kind: 'others', what: `${id} is said to be on ${backend}, which there is not` };
  for (const { backend, lines } of books)
    for (const { event, promptId } of lines) {
      if (event === 'interrupt') yield { kind: 'others', what: `${backend} was interrupted, whatever it was at` };
      if (promptId === undefined) continue;
      if (strangers.has(promptId) && (event === 'deleted' || event === 'interrupted'))
        yield { kind: 'others', what: `${promptId} of a stranger was ${event} by ${backend}` };
      if (event === 'received' && !known.has(promptId) && !strangers.has(promptId))
        yield { kind: 'others', what: `${backend} was sent ${promptId}, which no row names` };
    }
}
