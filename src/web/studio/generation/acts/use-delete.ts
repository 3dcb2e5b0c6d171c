/** Deletes generations, with Undo for some seconds. */
import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '../../ui/attention/announce';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import { say } from '../../ui/toast';
import { useDeletions } from './deletions';

/** @returns a function that hides the generations at once, and deletes them when the toast is gone */
export function useDelete(): (ids: readonly string[]) => void {
  const { t } = useTranslation('generation');
  const deletions = useDeletions();
  const sayProblem = useSayProblem();
  return useCallback(
    (ids) => {
      deletions.add(ids);
      say(t('deleted', { count: ids.length }), {
        undo: {
          label: t('undo'),
          keys: t('undoKeys'),
          run() {
            deletions.undo(ids);
            announce(t('restored'));
          },
        },
        onClose: () => void deletions.send(ids).then(sayProblem),
      });
    },
    [deletions, sayProblem, t],
  );
}

/** Ids of generations that lists must not show, because they are about to be deleted. */
export function useHidden(): ReadonlySet<string> {
  const deletions = useDeletions();
  return useSyncExternalStore(deletions.subscribe, () => deletions.hidden);
}
