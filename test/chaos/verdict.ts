/** Compares the records of a run with the requests. Every violation is a broken promise of the server. */

import { mayFail, wasUnarmed } from './allowed-outcomes.js';
import type { BackendFeature } from './backend-features.js';
import type { Creation } from './creation.js';
import { executionsOf, type Failures, repeatsIn, type ServerLogs } from './executions.js';
import type { Prompt, Records, ShownGeneration } from './records.js';
import type { Span } from './supervised-process.js';

/** Kinds of violations, as the table counts them. */
export const VIOLATION_KINDS = [
  'lost',
  'stuck',
  'wrong',
  'doubled',
  'run twice',
  'orphans',
  'watchers',
  'others',
] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

export type Violation = { kind: ViolationKind; what: string; id?: string };

export type Evidence = ServerLogs & {
  creations: readonly Creation[];
  records: Records;
  freezes: readonly Span[];
  /** Times of kills of servers, in milliseconds since 1970. */
  deaths: readonly number[];
  /** By backend: spans in which it did not raise the error at the failing step. */
  unarmed: ReadonlyMap<string, readonly Span[]>;
  /** By backend: spans in which it failed every prompt. */
  failures: Failures;
  /** By backend: features that other backends lack. */
  features: ReadonlyMap<string, readonly BackendFeature[]>;
  /** Prompts that were not submitted by a server under test. */
  strangers: ReadonlySet<string>;
};

export type Verdict = {
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

export function verdictOn(evidence: Evidence): Verdict {
  const { creations, records } = evidence;
  const violations: Violation[] = [];
  const statuses = new Map<string, string>();
  const failures = new Map<string, number>();
  const totals = { generations: 0, completed: 0, canceled: 0, deleted: 0, sentAgain: 0, afterFreeze: 0 };
  const promptsOf = Map.groupBy(records.prompts, ({ generationId }) => generationId);

  for (const [user, all] of records.shown) {
    const requested = creations.filter((creation) => creation.user === user);
    const byPrompt = Map.groupBy(all, ({ prompt }) => prompt);
    for (const creation of requested) {
      const found = byPrompt.get(creation.prompt) ?? [];
      byPrompt.delete(creation.prompt);
      violations.push(...checkExistence(creation, found));
      for (const shown of found) {
        statuses.set(shown.id, shown.status);
        violations.push(...checkEnd(creation, shown, promptsOf.get(shown.id) ?? [], evidence));
      }
      if (creation.isDeleted && creation.id !== undefined) {
        totals.deleted += 1;
        statuses.set(creation.id, 'deleted');
      }
      for (const what of creation.watcher?.faults ?? [])
        violations.push({ kind: 'watchers', ...idOf(creation), what: `its watcher ${what}` });
    }
    for (const [prompt, strangers] of byPrompt)
      for (const { id } of strangers) violations.push({ kind: 'others', id, what: `no user requested it: ${prompt}` });
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
      records.journals,
    );
    const repeats = repeatsIn(executions, records.journals, evidence);
    totals.afterFreeze += repeats.afterFreeze.length;
    for (const { promptId, backend } of repeats.runTwice)
      violations.push({
        kind: 'run twice',
        id,
        what: `${promptId} was executed by ${backend} although the backend still knew an earlier execution`,
      });
  }
  violations.push(...checkBackends(evidence));
  return { violations, statuses, totals, failures };
}

const idOf = ({ id }: Creation) => (id === undefined ? {} : { id });

function* checkExistence(creation: Creation, found: readonly ShownGeneration[]): Iterable<Violation> {
  const { id, deleteRequested, isDeleted, unanswered, prompt } = creation;
  if (id === undefined) {
    if (found.length > Math.min(1, unanswered))
      yield { kind: 'doubled', what: `${prompt} exists ${found.length} times` };
    return;
  }
  const isThere = found.some((shown) => shown.id === id);
  if (!isThere && !deleteRequested) yield { kind: 'lost', id, what: 'it was acknowledged, but does not exist' };
  if (isThere && isDeleted) yield { kind: 'wrong', id, what: 'it was deleted, but still exists' };
  // A deletion frees the idempotency key, so a late request can create one more generation.
  const others = found.filter((shown) => shown.id !== id);
  if (others.length > (deleteRequested ? Math.min(1, unanswered) : 0))
    yield { kind: 'doubled', id, what: `the same request also created ${others.map((other) => other.id)}` };
}

function* checkEnd(
  creation: Creation,
  shown: ShownGeneration,
  prompts: readonly Prompt[],
  evidence: Evidence,
): Iterable<Violation> {
  const { id, status, failure, result } = shown;
  if (!FINAL.includes(status)) return yield { kind: 'stuck', id, what: `it stays ${status}` };
  if ((status === 'COMPLETED') !== (result !== null))
    yield { kind: 'wrong', id, what: `it is ${status} with the result ${result}` };
  if (status === 'COMPLETED') {
    const images = result?.images.length ?? 0;
    if (images > creation.images)
      yield { kind: 'doubled', id, what: `${images} pictures instead of ${creation.images}` };
    if (images < creation.images) yield { kind: 'wrong', id, what: `${images} pictures instead of ${creation.images}` };
    if (creation.fails && !wasUnarmed(prompts, evidence))
      yield { kind: 'wrong', id, what: 'it is COMPLETED although its node fails' };
  }
  const { feature } = creation;
  for (const { backend, promptId } of feature
    ? executionsOf(
        prompts.map(({ id }) => id),
        evidence.records.journals,
      )
    : [])
    if (feature && !evidence.features.get(backend)?.includes(feature))
      yield { kind: 'wrong', id, what: `${promptId} was executed by ${backend}, which lacks a requested feature` };
  if (status === 'CANCELED' && !creation.cancelRequested && !creation.deleteRequested)
    yield { kind: 'wrong', id, what: 'it is CANCELED although no user requested it' };
  if (status === 'FAILED' && !mayFail(creation, String(failure?.code), prompts, evidence))
    yield { kind: 'wrong', id, what: `it is FAILED with ${failure?.code}: ${failure?.message}` };
}

/** Violations that belong to no generation. */
function* checkBackends({ records: { journals, prompts }, strangers }: Evidence): Iterable<Violation> {
  const known = new Set(prompts.map(({ id }) => id));
  const backends = new Set(journals.map(({ backend }) => backend));
  for (const { id, backend } of prompts)
    if (!backends.has(backend))
      yield { kind: 'others', what: `${id} is recorded for ${backend}, which does not exist` };
  for (const { backend, lines } of journals)
    for (const { event, promptId } of lines) {
      if (event === 'interrupt') yield { kind: 'others', what: `${backend} got an interrupt without a prompt id` };
      if (promptId === undefined) continue;
      if (strangers.has(promptId) && (event === 'deleted' || event === 'interrupted'))
        yield { kind: 'others', what: `${backend} has ${event} the foreign prompt ${promptId}` };
      if (event === 'received' && !known.has(promptId) && !strangers.has(promptId))
        yield { kind: 'others', what: `${backend} received ${promptId}, which has no row` };
    }
}
