/**
 * A response can be older than a live change that arrived before it: the list that it brings lacks what was created meanwhile,
 * and shows what was deleted. This exchange repeats such changes after the response, so that the page never shows a state that
 * is no longer true. It also drops live changes that are older than what a mutation has returned.
 */
import type { Exchange, OperationResult } from 'urql';
import { filter, fromArray, mergeMap, pipe, tap } from 'wonka';
import type { Change, Entry, Placed } from './placed';

export const createNewest =
  (placed: Placed): Exchange =>
  ({ forward }) => {
    /** For each request under way: what has changed since it was sent, by generation. */
    const missed = new Map<number, Map<string, OperationResult>>();
    const revisions = new Map<string, number>();

    const learn = ({ id, revision }: Entry) => revisions.set(id, Math.max(revision, revisions.get(id) ?? 0));
    const isOld = ({ id, revision }: Entry) => revision < (revisions.get(id) ?? 0);

    function isCurrent({ operation, data }: OperationResult): boolean {
      if (operation.kind === 'mutation') entriesOf(data).forEach(learn);
      const change = operation.kind === 'subscription' ? changeOf(data) : undefined;
      if (!change?.generation) return true;
      if (isOld(change.generation)) return false;
      learn(change.generation);
      return true;
    }

    function withMissed(result: OperationResult): OperationResult[] {
      const { key, kind } = result.operation;
      if (kind === 'subscription') {
        const id = changeOf(result.data)?.generationId;
        if (id) for (const changes of missed.values()) changes.set(id, result);
        return [result];
      }
      const changes = missed.get(key);
      missed.delete(key);
      for (const id of changes?.keys() ?? []) placed.forget(id);
      return changes ? [result, ...changes.values()] : [result];
    }

    return (operations) =>
      pipe(
        operations,
        tap(({ key, kind }) => {
          if (kind === 'teardown') missed.delete(key);
          else if (kind !== 'subscription') missed.set(key, new Map());
        }),
        forward,
        filter(isCurrent),
        mergeMap((result) => fromArray(withMissed(result))),
      );
  };

const changeOf = (data: unknown): Change | undefined =>
  (data as { generationsUpdated?: Change } | null | undefined)?.generationsUpdated;

/** All generations in the response of a mutation, however deep. */
function entriesOf(value: unknown, found: Entry[] = []): Entry[] {
  if (typeof value !== 'object' || value === null) return found;
  if ('revision' in value && 'id' in value) found.push(value as Entry);
  for (const child of Object.values(value)) entriesOf(child, found);
  return found;
}
