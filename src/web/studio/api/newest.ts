/**
 * An answer to a query can be older than a live change that arrived before it. This exchange withholds such an answer and asks
 * again, so that the page never shows a state that is no longer true.
 */
import type { Exchange, Operation, OperationResult } from 'urql';
import { filter, makeSubject, merge, pipe } from 'wonka';

const MAX_REPEATS = 5;
const DELETED = Number.POSITIVE_INFINITY;

type Entry = { id: string; revision: number };
type Changes = { generationsUpdated?: { generationId: string | null; generation: Entry | null } };

export const newestExchange: Exchange = ({ forward }) => {
  /** The newest revision of each generation that live changes have told. */
  const revisions = new Map<string, number>();
  const repeats = new Map<number, number>();
  const again = makeSubject<Operation>();

  const learn = ({ generationsUpdated: change }: Changes) => {
    if (!change?.generationId) return;
    const revision = change.generation?.revision ?? DELETED;
    revisions.set(change.generationId, Math.max(revision, revisions.get(change.generationId) ?? 0));
  };
  const isOld = ({ id, revision }: Entry) => revision < (revisions.get(id) ?? 0);

  const isCurrent = ({ operation, data }: OperationResult): boolean => {
    if (operation.kind === 'subscription') learn((data ?? {}) as Changes);
    if (operation.kind !== 'query') return true;
    const count = repeats.get(operation.key) ?? 0;
    if (count === MAX_REPEATS || !entriesOf(data).some(isOld)) {
      repeats.delete(operation.key);
      return true;
    }
    repeats.set(operation.key, count + 1);
    again.next(operation);
    return false;
  };

  return (operations) => pipe(forward(merge([operations, again.source])), filter(isCurrent));
};

/** All generations in the answer, however deep. */
function entriesOf(value: unknown, found: Entry[] = []): Entry[] {
  if (typeof value !== 'object' || value === null) return found;
  if ('revision' in value && 'id' in value) found.push(value as Entry);
  for (const child of Object.values(value)) entriesOf(child, found);
  return found;
}
