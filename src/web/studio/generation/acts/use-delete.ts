/** Deletes generations, with Undo for some seconds: one for all that are deleted meanwhile. */
import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '../../ui/attention/announce';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import { say } from '../../ui/toast';
import { useDeletions } from './deletions';

/** Enough to reach the button with a thumb. The time stands still while somebody points at it, or is in another window. */
const UNDO_MS = 12_000;

/**
 * @returns a function that hides the generations at once, and deletes them when the toast is gone; `title` is that of the only one
 */
export function useDelete(): (ids: readonly string[], title?: string) => void {
  const { t } = useTranslation('generation');
  const deletions = useDeletions();
  const sayProblem = useSayProblem();
  return useCallback(
    (ids, title) => {
      const count = deletions.add(ids);
      say(count === 1 && title ? t('deletedOne', { title }) : t('deleted', { count }), {
        id: 'deleted',
        timeout: UNDO_MS,
        undo: {
          label: t('undo'),
          keys: t('undoKeys'),
          run() {
            deletions.undo();
            announce(t('restored'));
          },
        },
        onClose: () => void deletions.send().then(sayProblem),
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
