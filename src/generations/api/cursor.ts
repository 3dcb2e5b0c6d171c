/** Cursors: where in an order a generation lies. They carry their order, and are refused under another. */
import { badUserInput } from '../../graphql/errors.js';
import type { GenerationOrder } from './list-inputs.js';

/** `at` is an instant of four-digit year, in UTC with milliseconds, as exact as the columns are; or `infinity`. */
export type Position = { at: string; id: string };

const CURSOR = /^([A-Z_]+) (ASC|DESC) (infinity|\d{4}-\S+Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @param at as PostgreSQL writes it */
export const positionOf = (at: string, id: string): Position => ({
  at: at === 'infinity' ? at : new Date(at).toISOString(),
  id,
});

export const encodeCursor = ({ at, id }: Position, { field, direction }: GenerationOrder): string =>
  Buffer.from(`${field} ${direction} ${at} ${id}`).toString('base64url');

/**
 * @param argument the argument that the cursor came in
 * @throws BAD_USER_INPUT for what is no cursor, or one of another order
 */
export function decodeCursor(cursor: string, argument: string, { field, direction }: GenerationOrder): Position {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, itsField, itsDirection, at, id] = CURSOR.exec(text) ?? [];
  // Decoding base64 skips what is none: only what encodes to the same again is what we gave away.
  const isOurs = Buffer.from(text).toString('base64url') === cursor;
  if (!isOurs || at === undefined || id === undefined || !isInstant(at))
    throw badUserInput('This is no cursor of this list', argument);
  if (itsField !== field || itsDirection !== direction)
    throw badUserInput(
      'This cursor belongs to another order: start again without it when you change orderBy',
      argument,
    );
  return { at, id };
}

/** One that PostgreSQL can read: the thirtieth of February and the year 0 are none. */
const isInstant = (at: string): boolean => {
  if (at === 'infinity') return true;
  const instant = new Date(at);
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === at && !at.startsWith('0000');
};
