/** Suggestions for a misspelled name: `suggestions` of BAD_USER_INPUT. */
import { suggestionList } from 'graphql/jsutils/suggestionList.js';

/** Clients read the whole catalogue elsewhere. */
const MAX_SUGGESTIONS = 5;
/** Comparing takes time in the square of the length. */
const MAX_COMPARED_LENGTH = 100;

/** @returns the nearest names; if none is near, the first ones of the list */
export function nearest(given: string, offered: readonly string[]): string[] {
  const near = suggestionList(given.slice(0, MAX_COMPARED_LENGTH), offered);
  return (near.length > 0 ? near : offered).slice(0, MAX_SUGGESTIONS);
}
