/** Cursors of the list: the position of a generation in an order. A cursor carries its order, and is invalid under another. */
import { badUserInput } from '../../graphql/errors.js';
import type { GenerationOrder } from './list-inputs.js';

/** `at` is an ISO 8601 instant in UTC with milliseconds, the precision of the columns, and a four-digit year; or `infinity`. */
export type Position = { at: string; id: string };

const CURSOR = /^([A-Z_]+) (ASC|DESC) (infinity|\d{4}-\S+Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @param at a timestamp in PostgreSQL's text format */
export const positionOf = (at: string, id: string): Position => ({
  at: at === 'infinity' ? at : new Date(at).toISOString(),
  id,
});

export const encodeCursor = ({ at, id }: Position, { field, direction }: GenerationOrder): string =>
  Buffer.from(`${field} ${direction} ${at} ${id}`).toString('base64url');

/**
 * @param argument the name of the cursor's argument, for the error
 * @throws BAD_USER_INPUT for an invalid cursor, or a cursor of another order
 */
export function decodeCursor(cursor: string, argument: string, { field, direction }: GenerationOrder): Position {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, itsField, itsDirection, at, id] = CURSOR.exec(text) ?? [];
  // Decoding skips invalid characters: only a text that encodes to the same cursor was issued by this server.
  const isOurs = Buffer.from(text).toString('base64url') === cursor;
  if (!isOurs || at === undefined || id === undefined || !isInstant(at))
    throw badUserInput('Invalid cursor: pass a cursor of this list', argument);
  if (itsField !== field || itsDirection !== direction)
    throw badUserInput('This cursor belongs to another order: omit it after a change of orderBy', argument);
  return { at, id };
}

/** Whether PostgreSQL can read it: February 30 and the year 0 do not exist. */
const isInstant = (at: string): boolean => {
  if (at === 'infinity') return true;
  const instant = new Date(at);
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === at && !at.startsWith('0000');
};
