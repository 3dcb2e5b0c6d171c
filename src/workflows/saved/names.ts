/** The names of saved workflows. */
import { badUserInput } from '../../graphql/errors.js';
import { isReserved, shown } from '../graph/faults.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** The server gives these names to graphs of `createGeneration`. */
const IS_UNLISTED = /^graph-[0-9a-f]{40}$/;

export const isName = (name: string): boolean => NAME.test(name);

export const nameOfGraph = (hash: string): string => `graph-${hash.slice(0, 40)}`;

/** For people: the name of a graph says nothing. */
export const shortNameOf = (name: string): string => (IS_UNLISTED.test(name) ? 'graph' : name);

/** @throws BAD_USER_INPUT */
export function validateName(name: string): string {
  if (!isName(name) || isReserved(name))
    throw badUserInput(
      `name must have 1 to 64 lower-case letters, digits and dashes, not first a dash: ${shown(name)}`,
      'name',
    );
  if (IS_UNLISTED.test(name)) throw badUserInput(`name is reserved: ${name}`, 'name');
  return name;
}
