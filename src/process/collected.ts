/** Collects items while a run is under way, for the next run. */
import DataLoader from 'dataloader';

/**
 * @param run returns an outcome or an Error for each item, in order; if it rejects, so does every item. One run at a time, unless more than
 * `maxSize` items wait.
 */
export function collected<Item, Outcome>(
  run: (items: readonly Item[]) => Promise<(Outcome | Error)[]>,
  maxSize: number,
): (item: Item) => Promise<Outcome> {
  let running: Promise<unknown> = Promise.resolve();
  const runs = new DataLoader<Item, Outcome>(
    (items) => {
      const outcomes = run(items);
      running = outcomes.catch(() => {});
      return outcomes;
    },
    { cache: false, maxBatchSize: maxSize, batchScheduleFn: (dispatch) => void running.then(dispatch) },
  );
  return (item) => runs.load(item);
}
