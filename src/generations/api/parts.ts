/** What of the generations a document selects, so that their statement reads it with them. */
import { type Selected, selects } from '../../graphql/selection.js';
import type { Parts } from '../generation-rows.js';

/** @param paths where the generations are below the resolved field, each with a dot at its end */
export function partsOf(selected: Selected, ...paths: string[]): Parts {
  const isSelected = (field: string) => paths.some((path) => selects(selected, path + field));
  return {
    model: isSelected('model'),
    isModelAvailable: isSelected('model.available'),
    result: isSelected('result'),
  };
}
