/** What a wrong choice was perhaps meant to be: `suggestions` of BAD_USER_INPUT. */
import { suggestionList } from 'graphql/jsutils/suggestionList.js';

/** A list of all would be as long as a catalogue, which clients read elsewhere. */
const MAX_SUGGESTIONS = 5;
/** Comparing takes the square of the length. */
const MAX_COMPARED = 100;

/** The nearest first; the first of all where none is near. */
export function nearest(given: string, offered: readonly string[]): string[] {
  const near = suggestionList(given.slice(0, MAX_COMPARED), offered);
  return (near.length > 0 ? near : offered).slice(0, MAX_SUGGESTIONS);
}
