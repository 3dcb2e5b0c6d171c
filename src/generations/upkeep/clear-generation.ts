/** Removes what a final or deleted generation no longer needs: here, and for a deleted one in ComfyUI's history. */
import type { Cleaner } from './cleaner.js';
import type { HistoryCleaner } from './comfyui-history.js';

export type Cleaners = { cleaner: Cleaner; historyCleaner: HistoryCleaner };

export async function clearGeneration(id: string, { cleaner, historyCleaner }: Cleaners): Promise<void> {
  const { isDeleted } = await cleaner.clear(id);
  if (isDeleted) historyCleaner.sweep();
}
