/** Suggestions for a misspelled name: `suggestions` of BAD_USER_INPUT. */
import { suggestionList } from 'graphql/jsutils/suggestionList.js';

/** Clients read the whole catalogue elsewhere. */
const MAX_SUGGESTIONS = 5;
/** Comparing takes time in the square of the length. */
const MAX_COMPARED_LENGTH = 100;

/** @returns the nearest names, the best first; empty if none is near */
export const near = (given: string, offered: readonly string[]): string[] =>
  suggestionList(given.slice(0, MAX_COMPARED_LENGTH), offered).slice(0, MAX_SUGGESTIONS);

/** @returns the nearest names; if none is near, the first ones of the list */
export function nearest(given: string, offered: readonly string[]): string[] {
  const found = near(given, offered);
  return found.length > 0 ? found : offered.slice(0, MAX_SUGGESTIONS);
}
