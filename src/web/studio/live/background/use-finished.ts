/** Notices when generations end. */
import { useRef } from 'react';
import { useChanges } from '../../api/api-context';
import type { Card } from '../../generation/fragments';

type Finished = Card & { status: 'COMPLETED' | 'FAILED' | 'CANCELED' };

const isFinished = (card: Card): card is Finished =>
  card.status === 'COMPLETED' || card.status === 'FAILED' || card.status === 'CANCELED';

/** Calls `listener` once for each generation that ends while the component is shown. */
export function useFinished(listener: (card: Finished) => void): void {
  const unfinished = useRef(new Set<string>());
  useChanges(({ generation, generationId }) => {
    if (generation && !isFinished(generation)) unfinished.current.add(generation.id);
    // A later change, such as of a favorite, is no news.
    else if (unfinished.current.delete(generationId ?? '') && generation) listener(generation);
  });
}
